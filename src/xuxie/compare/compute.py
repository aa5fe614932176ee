"""What a training costs in floating-point operations, whatever machine it runs on. Pure."""

from xuxie.model.settings import ModelSettings


def parameters(shape: ModelSettings, vocabulary: int) -> int:
    """Weights of the matrices that a token is multiplied by: blocks, and the output matrix.

    The embeddings are that same matrix (tied); positions, biases and norms cost next to nothing.
    """
    return 12 * shape.layers * shape.width**2 + vocabulary * shape.width


def embedding_share(shape: ModelSettings, vocabulary: int) -> float:
    """Share of the weights of those matrices that the vocabulary takes."""
    return vocabulary * shape.width / parameters(shape, vocabulary)


def flops_a_token(shape: ModelSettings, vocabulary: int) -> int:
    """Of a forward and a backward pass, a token: 6 N + 12 L T d.

    Chowdhery et al. 2022 (PaLM, arXiv 2204.02311), appendix B, with the output matrix in N. At
    widths such as ours the output matrix is most of the work, and to leave it out (Kaplan et al.
    2020, arXiv 2001.08361) would give large vocabularies several times the compute.
    """
    attention = 12 * shape.layers * shape.context * shape.width
    return 6 * parameters(shape, vocabulary) + attention
