"""Expert review and committee: conflicts, draws, sheets, votes. It grows with the lifecycle of applications."""
