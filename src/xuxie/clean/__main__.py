"""python -m xuxie.clean --documents ... --out ... --metrics ... (and where dvc.yaml says more)"""

from xuxie.entry import stage_process

if __name__ == "__main__":
    with stage_process("clean") as stage:
        from xuxie.clean.stage import run

        run(
            stage.config.clean,
            stage.config.engine,
            documents=stage.path("documents"),
            out=stage.path("out"),
            metrics=stage.path("metrics"),
            reasons=stage.path("reasons"),
            lengths=stage.path("lengths"),
            report=stage.path("report"),
        )
