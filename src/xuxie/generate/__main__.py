"""python -m xuxie.generate --model ... --out ... --metrics ..."""

from xuxie.entry import stage_process

if __name__ == "__main__":
    with stage_process("generate") as stage:
        from xuxie.generate.stage import run

        run(
            stage.config.generate,
            stage.config.track,
            model=stage.path("model"),
            splits=stage.path("splits"),
            out=stage.path("out"),
            metrics=stage.path("metrics"),
        )
