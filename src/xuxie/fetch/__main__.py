"""python -m xuxie.fetch --start ... --out ... --pretrained ... --metrics ..."""

from xuxie.entry import stage_process

if __name__ == "__main__":
    with stage_process("fetch") as stage:
        from xuxie.fetch.stage import run

        run(
            stage.config.fetch,
            start=stage.path("start"),
            out=stage.path("out"),
            pretrained=stage.path("pretrained"),
            metrics=stage.path("metrics"),
        )
