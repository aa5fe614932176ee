"""python -m xuxie.tokenizer --splits ... --pretrained ... --out ... --tokens ... --metrics ..."""

from xuxie.entry import stage_process

if __name__ == "__main__":
    with stage_process("tokenizer") as stage:
        from xuxie.tokenizer.stage import run

        run(
            stage.config.tokenizer,
            splits=stage.path("splits"),
            pretrained=stage.path("pretrained"),
            out=stage.path("out"),
            tokens=stage.path("tokens"),
            metrics=stage.path("metrics"),
        )
