"""What the nets are trained on: the text of the licence, and sounds that are computed."""

from pathlib import Path

import numpy as np
import torch
from torch import Tensor

TEXT = (Path(__file__).parents[3] / "LICENSE").read_text("utf-8")
"""The repository's own licence is the one text that surely lies beside the code."""
ALPHABET = sorted(set(TEXT))
SYMBOLS = len(ALPHABET)
BANDS, BINS, FRAME = 12, 24, 1024


def _windows(ids: Tensor, length: int) -> Tensor:
    """Return all runs of `length` characters, ``[n, length]``."""
    return ids.unfold(0, length, 1)


def encoded(text: str = TEXT) -> Tensor:
    """Return the characters of `text` as their places in the alphabet."""
    return torch.tensor([ALPHABET.index(character) for character in text])


def next_characters(length: int = 24) -> tuple[Tensor, Tensor]:
    """Return windows of text ``[n, length]`` and the character after each."""
    windows = _windows(encoded(), length + 1)
    return windows[:, :-1], windows[:, -1]


def passages(length: int = 40) -> tuple[Tensor, Tensor]:
    """Return windows of text, and which fifth of the licence each stands in."""
    windows = _windows(encoded(), length)
    return windows, torch.arange(len(windows)) * 5 // len(windows)


def words(length: int = 30) -> tuple[Tensor, Tensor]:
    """Return text without its blanks in windows, and where a word begins: 1, else 0."""
    pieces = TEXT.split()
    begins = torch.cat([torch.eye(1, len(piece))[0] for piece in pieces]).long()
    return _windows(encoded("".join(pieces)), length), _windows(begins, length)


def _spectra(random: np.random.Generator, streams: int, frames: int) -> tuple[Tensor, Tensor]:
    """Return energies ``[streams, frames, BANDS]`` of a voice that comes and goes, and of noise."""
    turns = random.random((streams, frames, 1)) < 0.08
    speaking = np.cumsum(turns, axis=1) % 2
    loud = random.gamma(4, 0.25, (streams, frames, BANDS)) * (2 + np.cos(np.arange(BANDS)))
    noise = random.gamma(2, 0.2, (streams, frames, BANDS))
    return torch.from_numpy(speaking * loud).float(), torch.from_numpy(noise).float()


def voices(streams: int = 64, frames: int = 100, seed: int = 0) -> tuple[Tensor, Tensor, Tensor]:
    """Return log energies of voice in noise, the voice's share of each band, and where it is."""
    voice, noise = _spectra(np.random.default_rng(seed), streams, frames)
    share = voice / (voice + noise)
    return torch.log(voice + noise), share, (voice.sum(2, keepdim=True) > 0).float()


def tones(count: int = 800, seed: int = 0) -> tuple[Tensor, Tensor]:
    """Return frames of tones with overtones in noise, and a bell over the bin of each pitch."""
    random = np.random.default_rng(seed)
    pitch = random.random((count, 1)) * BINS
    hertz = 100 * 2 ** (pitch / 8)
    phase = 2 * np.pi * (hertz * np.arange(FRAME) / 16_000 + random.random((count, 1)))
    x = sum(np.sin(k * phase) / k for k in (1, 2, 3)) + 0.1 * random.normal(size=phase.shape)
    x = (x - x.mean(1, keepdims=True)) / x.std(1, keepdims=True)
    bell = np.exp(-0.5 * (np.arange(BINS) + 0.5 - pitch) ** 2)
    return torch.from_numpy(x).float(), torch.from_numpy(bell).float()
