"""Rows for tokens that a pretrained model has not seen."""

import torch
from transformers import PreTrainedModel


@torch.no_grad()
def add_rows(model: PreTrainedModel, pieces: dict[int, list[int]]) -> None:
    """Give each new token the mean of its pieces' rows, in the embeddings and the output head.

    So the new token at first means what its pieces meant together (Koto et al. 2021, arXiv
    2109.04607); random rows start far from all others.

    Args:
        pieces: old tokens that each new token consists of.
    """
    if (size := max(pieces) + 1) > model.config.vocab_size:
        model.resize_token_embeddings(size, mean_resizing=False)
    matrices = [model.get_input_embeddings().weight]
    head = model.get_output_embeddings()
    if head is not None and head.weight is not matrices[0]:
        matrices.append(head.weight)
    for matrix in matrices:
        for token, old in pieces.items():
            matrix[token] = matrix[old].mean(dim=0)
