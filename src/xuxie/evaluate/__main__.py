"""python -m xuxie.evaluate --model ... --splits ... --curves ... (see dvc.yaml)"""

from xuxie.entry import stage_process

if __name__ == "__main__":
    with stage_process("evaluate") as stage:
        from xuxie.evaluate.stage import run

        run(
            stage.config.evaluate,
            stage.config.track,
            model=stage.path("model"),
            splits=stage.path("splits"),
            pairs=stage.path("pairs"),
            curves=stage.path("curves"),
            metrics=stage.path("metrics"),
            scores=stage.path("scores"),
            plots=stage.path("plots"),
            report=stage.path("report"),
        )
