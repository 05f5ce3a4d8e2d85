"""Test the table of metrics: decimals, rounding and better direction."""

import pytest

from synth import metric
from synth.metric import METRICS


def test_a_phrase_has_label_decimals_spread_and_unit():
    assert metric.phrases({"KID": 0.2571, "KID std": 0.0114, "PSNR": 29.117}) == ["KID 0.257 ± 0.011", "PSNR 29.12 dB"]
    assert metric.phrases({"colourfulness": 44.7, "false": 4.6}) == ["False joints 4.6 %", "Colourfulness 44.7"]


def test_a_metric_that_is_not_listed_keeps_its_key():
    assert metric.phrases({"std": 2.0, "x std": 1.0, "mood": 0.12345}) == ["std 2", "x std 1", "mood 0.123"]
    assert metric.known("mood").heading == "mood"


@pytest.mark.parametrize(
    ("key", "heading"),
    [
        ("FID", "FID ↓"),
        ("PSNR", "PSNR, dB ↑"),
        ("ms/MP", "Time, ms/megapixel ↓"),
        ("FID, input", "FID of the input"),
        ("L1 %, block", "L1, block, % ↓"),
    ],
)
def test_headings_say_unit_and_direction(key: str, heading: str):
    assert METRICS[key].heading == heading


def test_the_best_value_depends_on_the_direction():
    assert METRICS["FID"].best([3.0, 2.0]) == 2.0
    assert METRICS["PSNR"].best([3.0, 2.0]) == 3.0
    assert METRICS["PSNR"].best([3.0, 3.0]) is None
    assert METRICS["colourfulness"].best([3.0, 2.0]) is None


def test_headlines_are_the_most_telling_of_each_kind():
    enlarged = {"PSNR Set5": 31.3, "SSIM Set5": 0.881, "ST-LPIPS": 0.2151, "ms/MP": 310.0}
    assert metric.headline(enlarged) == ["PSNR Set5 31.30 dB", "ST-LPIPS 0.215"]
    assert metric.headline({"AuC": 87.43, "colourfulness": 44.7, "PSNR": 21.69}) == ["AuC 87.4 %", "Colourfulness 44.7"]
    assert metric.headline({"FID": 270.37, "L1": 40.97}, 1) == ["FID 270.4"]
    assert set(metric.HEADLINES) <= METRICS.keys()


def test_cards_keep_more_decimals_than_are_shown():
    assert metric.rounded({"SSIM": 0.123456, "FID": 1.2345, "other": 1.0}) == {"FID": 1.23, "SSIM": 0.1235}
    assert all(one.decimals is not None and one.decimals <= one.stored for one in METRICS.values())
