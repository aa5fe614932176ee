"""A pretrained model comes from a folder as it is, or is refused in one line."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from xuxie.config import Config
from xuxie.errors import Refusal
from xuxie.fetch.settings import FetchSettings
from xuxie.store.manifest import verify

Fetch = Callable[[FetchSettings], Path]


@pytest.fixture
def chosen(settings: Callable[..., Config]) -> FetchSettings:
    """A model from start/base and no packages."""
    return settings("fetch=none", "fetch.pretrained={kind: folder, name: base}").fetch


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory, tokenizer: Path) -> Path:
    from transformers import GPT2Config, GPT2LMHeadModel, PreTrainedTokenizerFast

    folder = tmp_path_factory.mktemp("model") / "base"
    shape = GPT2Config(n_layer=1, n_head=1, n_embd=8, n_positions=16, vocab_size=300)
    GPT2LMHeadModel(shape).save_pretrained(folder)
    file = str(tokenizer)
    PreTrainedTokenizerFast(tokenizer_file=file).save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def tokenizer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A byte-level BPE of one sentence."""
    from tokenizers import Tokenizer, models, pre_tokenizers, trainers

    made = Tokenizer(models.BPE())
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=300, initial_alphabet=alphabet, show_progress=False)
    made.train_from_iterator(["渡口应当设置清楚的标识。"] * 2, trainer)
    path = tmp_path_factory.mktemp("tokenizer") / "tokenizer.json"
    made.save(str(path))
    return path


@pytest.fixture
def base(model: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(model, tmp_path / "start/base"))


def test_the_model_and_its_tokenizer_come_unchanged(
    fetch: Fetch, chosen: FetchSettings, base: Path
) -> None:
    from safetensors.torch import load_file
    from transformers import AutoTokenizer

    out = fetch(chosen) / "pretrained"
    before, after = (load_file(path / "model.safetensors") for path in (base, out))
    assert before.keys() == after.keys()
    assert all(before[name].equal(after[name]) for name in before)
    text = "渡口的标识👍"
    ids = [AutoTokenizer.from_pretrained(path).encode(text) for path in (base, out)]
    assert ids[0] == ids[1] != []
    assert verify(out)


def test_what_lies_beside_the_model_stays_behind(
    fetch: Fetch, chosen: FetchSettings, base: Path
) -> None:
    (base / "notes.py").write_text("raise SystemExit")
    assert not (fetch(chosen) / "pretrained/notes.py").exists()


@pytest.mark.parametrize("made", [False, True])
def test_a_folder_without_config_json_is_refused(
    fetch: Fetch, chosen: FetchSettings, tmp_path: Path, made: bool
) -> None:
    if made:
        (tmp_path / "start/base").mkdir(parents=True)
    with pytest.raises(Refusal, match=r"没有 config\.json.*no config\.json in .*base") as caught:
        fetch(chosen)
    assert caught.value.code == 65
    assert not (tmp_path / "pretrained").exists()


def truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def widen(path: Path) -> None:
    path.write_text(json.dumps(json.loads(path.read_text()) | {"n_embd": 16}))


def drop_one(path: Path) -> None:
    from safetensors.torch import load_file, save_file

    weights = load_file(path)
    del weights["transformer.h.0.attn.c_attn.weight"]
    save_file(weights, path, metadata={"format": "pt"})


@pytest.mark.parametrize(
    ("file", "damage"),
    [
        ("config.json", lambda path: path.write_text("{")),
        ("config.json", lambda path: path.write_text("{}")),
        ("config.json", lambda path: path.write_text('{"model_type": "unheard-of"}')),
        ("config.json", widen),
        ("model.safetensors", Path.unlink),
        ("model.safetensors", lambda path: path.write_bytes(b"rubbish")),
        ("model.safetensors", truncate),
        ("model.safetensors", drop_one),
        ("tokenizer.json", lambda path: path.write_text("{")),
    ],
    ids=[
        "broken",
        "empty",
        "unknown",
        "wider",
        "no weights",
        "rubbish",
        "half",
        "one missing",
        "tokenizer",
    ],
)
def test_a_folder_that_holds_no_model_is_refused(
    fetch: Fetch, chosen: FetchSettings, base: Path, file: str, damage: Callable[[Path], object]
) -> None:
    damage(base / file)
    with pytest.raises(Refusal, match=r"无法加载预训练模型.*cannot load the pretrained") as caught:
        fetch(chosen)
    assert str(base) in str(caught.value) and "\n" not in str(caught.value)
    assert caught.value.code == 69
    assert not (base.parents[1] / "pretrained").exists()
