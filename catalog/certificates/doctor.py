"""What an operator should see to before certificates can no longer be issued, or trusted."""

import stat
from datetime import timedelta

from catalog.certificates import key_files, keys
from catalog.models import SigningKey
from registry import clock, hooks
from registry.terms import label

WARN_DAYS = 60  # before a key expires


def _called(key: SigningKey) -> str:
    return f"签名密钥 {key.fingerprint[:16]}（{label(key.kind)}）"


def expiring(context: hooks.Context) -> list[str]:
    """Return a line for each key that ends soon."""
    with context.database.reading() as session:
        return [
            f"{_called(key)}的有效期至 {clock.day_of(key.valid_until)}，"
            "请及时更换（catalog rotate-key，或者换用新的 REGISTRY_SIGNER_FILE）。"
            for key in keys.expiring(session, before=clock.now() + timedelta(days=WARN_DAYS))
        ]


def lost(context: hooks.Context) -> list[str]:
    """Return a line for each key of ours in use whose private half is not here, as after a restore: no backup has it."""
    with context.database.reading() as session:
        return [
            f"{_called(key)}登记为在用，私钥却不在本机：从另存的副本复制到 {context.settings.keys_folder}，"
            f"或者以 catalog rotate-key {key.kind} 换用新的；怀疑外泄的，以 catalog revoke-key 吊销。"
            for key in keys.in_use(session)
            if key.is_demonstration
            and not key_files.path_of(context.settings, key.kind, key.fingerprint).is_file()
        ]


def exposed(context: hooks.Context) -> list[str]:
    """Return a line for each private key that other users of this machine can read."""
    found = sorted(context.settings.keys_folder.glob(f"*{key_files.SUFFIX}"))
    if given := context.settings.signer_file:
        found.append(given)
    return [
        f"私钥文件 {path} 可以被本机其他用户读取，请运行 chmod 600。"
        for path in found
        if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO)
    ]


def signer(context: hooks.Context) -> list[str]:
    """Return a line where nothing can be signed now, or a seal is printed over a signature that no authority backs."""
    with context.database.transaction() as session:
        try:
            signs = keys.current_signer(session, context.settings)
        except keys.NoKeyError as problem:
            return [f"{problem.sentence}。"]
    if context.settings.is_sealed and signs.is_demonstration:
        return ["已设印章（REGISTRY_ISSUER_SEAL），文件却以演示密钥签名：请设 REGISTRY_SIGNER_FILE。"]
    return []


hooks.warnings.extend((expiring, lost, exposed, signer))
