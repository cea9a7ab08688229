# SPDX-License-Identifier: Apache-2.0
"""Projects that random_project.py makes up, and those of them that once told larder from go."""
import pathlib
import shutil

import pytest

from random_project import Case, Universe, play, show

FOUND = sorted((pathlib.Path(__file__).parent / "projects").glob("*.txt"))
SEEDS = range(10000, 10300, 30)


def compare(universe, larder_bin, folder):
    result = play(universe, folder, shutil.which("go"), str(larder_bin))
    assert result is None, show(universe, result)


@pytest.mark.parametrize("case", FOUND, ids=lambda case: case.stem)
def test_what_was_found(case, larder_bin, tmp_path):
    compare(Case(case.read_text()), larder_bin, tmp_path)


@pytest.mark.parametrize("first", SEEDS)
def test_random(first, larder_bin, tmp_path):
    for seed in range(first, first + SEEDS.step):
        compare(Universe(seed), larder_bin, tmp_path)
