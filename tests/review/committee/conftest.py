"""What the committee's tests stand on."""

import pytest

from registry.files import FileStore


@pytest.fixture
def files(settings):
    """Return the deployment's files."""
    return FileStore(settings.files_dir)
