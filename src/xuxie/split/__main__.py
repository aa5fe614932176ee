"""python -m xuxie.split --clean ... --out ... --metrics ... --report ..."""

from xuxie.entry import stage_process

if __name__ == "__main__":
    with stage_process("split") as stage:
        from xuxie.split.stage import run

        run(
            stage.config.split,
            clean=stage.path("clean"),
            out=stage.path("out"),
            metrics=stage.path("metrics"),
            report=stage.path("report"),
        )
