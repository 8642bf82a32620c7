"""Settings, from the environment, prefixed `REGISTRY_`. `docs/settings.md` is made from this table."""

import os
import re
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from registry import outlines
from registry.errors import SettingsError

PREFIX = "REGISTRY_"
SUPPORTED_DRIVERS = {"sqlite": "sqlite", "postgresql": "postgresql+psycopg", "postgres": "postgresql+psycopg"}
SECRET_KEY_MIN = 32  # characters; 128 bits in hexadecimal, the floor for HMAC keys in NIST SP 800-107
SEAL_SIDES = (20, 60)  # millimetres; the widest lawful seal has 60 (国发〔1999〕25号)


def _existing_file(value: Path | None) -> Path | None:
    if value is not None and not value.is_file():
        raise ValueError("找不到该文件")
    return value


def _drawing(value: Path | None) -> Path | None:
    if path := _existing_file(value):
        outlines.read(path)
    return value


def _seal(value: Path | None) -> Path | None:
    least, most = SEAL_SIDES
    if path := _existing_file(value):
        drawn = outlines.read(path)
        if not least <= min(drawn.width, drawn.height) <= max(drawn.width, drawn.height) <= most:
            raise ValueError(
                f"按文件所注尺寸，印章为 {drawn.width:.0f}×{drawn.height:.0f} 毫米，应在 {least} 至 {most} 毫米之间"
            )
    return value


def _http_address(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
        raise ValueError("应为 http:// 或 https:// 开头的网址")
    return value.rstrip("/")


def _optional_http_address(value: str | None) -> str | None:
    return None if value is None else _http_address(value)


def _mail_address(value: str | None) -> str | None:
    if value is not None and urlsplit(value).scheme not in {"smtp", "smtps"}:
        raise ValueError("应以 smtp:// 或 smtps:// 开头")
    return value


def _long_enough(value: SecretStr) -> SecretStr:
    if len(value.get_secret_value()) < SECRET_KEY_MIN:
        raise ValueError(f"至少 {SECRET_KEY_MIN} 个字符")
    return value


def _sender(value: str) -> str:
    if not re.fullmatch(r"[^@\s<>]+@[^@\s<>]+", value):
        raise ValueError("应为邮箱地址")
    return value


EXPECTED = {
    "bool_parsing": "应为 true 或 false",
    "bool_type": "应为 true 或 false",
    "int_parsing": "应为整数",
    "greater_than_equal": "小于允许的最小值",
    "less_than_equal": "大于允许的最大值",
    "string_too_long": "过长",
}
"""What a malformed setting should be, by the checker's name for the fault."""


def default_font_folder() -> Path:
    """Return the built fonts' place in the user's cache folder (XDG base directories)."""
    base = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return Path(base) / "innovation-registry" / "fonts"


class Settings(BaseSettings):
    """What a deployment can say. Every field has a description that the documentation prints."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="forbid")

    secret_key: Annotated[SecretStr, AfterValidator(_long_enough)] = Field(
        description="签名会话与令牌的密钥，至少 32 个字符，须保密；更换后所有登录失效"
    )
    data_dir: Path = Field(default=Path("var"), description="数据库、索引、文件所在的目录")
    database_url: str | None = Field(
        default=None, description="数据库地址（sqlite 或 postgresql），默认为 DATA_DIR 下的 registry.db"
    )
    base_url: Annotated[str, AfterValidator(_http_address)] = Field(
        default="http://127.0.0.1:8000", description="对外网址，印在证明和信函上"
    )
    issuer_name: str = Field(
        default="", max_length=40, description="证明的出具单位；留空即为演示部署，证明带“示例”字样"
    )
    issuer_emblem: Annotated[Path | None, AfterValidator(_drawing)] = Field(
        default=None, description="印在证明上方的徽标（只含轮廓的 .svg，依法有权使用的）；留空时不印"
    )
    issuer_seal: Annotated[Path | None, AfterValidator(_seal)] = Field(
        default=None,
        description="依法刻制的电子印章图样（只含轮廓的 .svg，注明实际尺寸），须同时给出 ISSUER_NAME；留空时印明未加盖印章",
    )
    footer: str = Field(
        default="", description="页脚的标识，各项以“；”分隔，如 主办单位：…；联系方式：…；网站标识码：…"
    )
    font_cache: Path | None = Field(
        default=None,
        description="证明字库所在的目录，由 registry init 生成一次，可整个复制到不能联网的机器；默认在当前用户的缓存目录下",
    )
    font_fang: Annotated[Path | None, AfterValidator(_existing_file)] = Field(
        default=None, description="已取得许可的仿宋体字库（.ttf），用于证明正文；留空时用自由字库"
    )
    font_title: Annotated[Path | None, AfterValidator(_existing_file)] = Field(
        default=None, description="已取得许可的小标宋体字库（.ttf），用于证明标题；留空时用宋体加粗"
    )
    keys_dir: Path | None = Field(
        default=None,
        description="签名私钥所在的目录，只许本系统读取，不在备份之内；默认为 DATA_DIR 下的 keys",
    )
    signer_file: Annotated[Path | None, AfterValidator(_existing_file)] = Field(
        default=None,
        description="依法设立的认证机构签发的签名证书和私钥（PKCS#12，RSA）；留空时以演示证书签名，并印明其效力",
    )
    signer_password: SecretStr | None = Field(default=None, description="SIGNER_FILE 的口令")
    signer_timestamp_url: Annotated[str | None, AfterValidator(_optional_http_address)] = Field(
        default=None, description="时间戳服务（RFC 3161）的网址；留空时签名不带可信时间戳"
    )
    mail_url: Annotated[str | None, AfterValidator(_mail_address)] = Field(
        default=None, description="发信服务器（smtp:// 或 smtps://）；留空时信件留在待发箱"
    )
    mail_from: Annotated[str, AfterValidator(_sender)] = Field(
        default="registry@localhost", description="发信地址"
    )
    proxies: int = Field(default=0, ge=0, le=5, description="前置反向代理的层数，决定采信几层 X-Forwarded-*")
    background: bool = Field(default=True, description="网页进程内是否起一个线程投递待发事项、运行到期任务")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Read only what `load` hands over, so that a test never meets the machine's environment."""
        return (init_settings,)

    @cached_property
    def root(self) -> Path:
        """Return the data folder as an absolute path."""
        return self.data_dir.absolute()

    @cached_property
    def database(self) -> URL:
        """Return the database's address with the driver that this project pins."""
        url = make_url(self.database_url or f"sqlite:///{self.root / 'registry.db'}")
        return url.set(drivername=SUPPORTED_DRIVERS[url.get_backend_name()])

    @property
    def footer_slots(self) -> tuple[str, ...]:
        """Return what the footer says about the operator; nothing is made up where nothing was set."""
        return tuple(slot.strip() for slot in self.footer.split("；") if slot.strip())

    @property
    def files_dir(self) -> Path:
        """Return the folder of stored files, named by their hash."""
        return self.root / "files"

    @property
    def index_dir(self) -> Path:
        """Return the folder of the search index, which may be deleted at any time."""
        return self.root / "index"

    @property
    def font_folder(self) -> Path:
        """Return the folder of the built fonts, which several deployments may share."""
        return (self.font_cache or default_font_folder()).absolute()

    @property
    def keys_folder(self) -> Path:
        """Return the folder of the private keys."""
        return (self.keys_dir or self.root / "keys").absolute()

    @property
    def is_demonstration(self) -> bool:
        """Return whether this deployment names no issuer and so must mark what it prints."""
        return not self.issuer_name

    @property
    def is_sealed(self) -> bool:
        """Return whether certificates bear a seal; without one they say so."""
        return self.issuer_seal is not None


def load(environment: Mapping[str, str] | None = None) -> Settings:
    """Read the settings from the environment.

    Raises:
        SettingsError: a setting is missing, malformed or unknown; the sentence names it, never its value.
    """
    environment = os.environ if environment is None else environment
    given: dict[str, Any] = {
        name.removeprefix(PREFIX).lower(): value
        for name, value in environment.items()
        if name.startswith(PREFIX) and not name.startswith(PREFIX + "TEST_") and value != ""
    }
    try:
        settings = Settings(**given)
        if (
            settings.database_url
            and make_url(settings.database_url).get_backend_name() not in SUPPORTED_DRIVERS
        ):
            raise SettingsError(
                "设置 REGISTRY_DATABASE_URL 应为 sqlite 或 postgresql 地址", parameter="REGISTRY_DATABASE_URL"
            )
        if settings.issuer_seal and not settings.issuer_name:
            raise SettingsError(
                "设置 REGISTRY_ISSUER_SEAL 须与 REGISTRY_ISSUER_NAME 同时给出：演示部署不得加盖印章",
                parameter="REGISTRY_ISSUER_SEAL",
            )
    except ValidationError as problem:
        raise _sentence(problem) from None
    except ArgumentError:
        raise SettingsError(
            "设置 REGISTRY_DATABASE_URL 不是数据库地址", parameter="REGISTRY_DATABASE_URL"
        ) from None
    return settings


def _sentence(problem: ValidationError) -> SettingsError:
    first = problem.errors(include_url=False, include_context=False, include_input=False)[0]
    name = PREFIX + str(first["loc"][0]).upper()
    reason = {"missing": "没有给出", "extra_forbidden": "不是本系统的设置，请检查拼写"}.get(first["type"])
    if reason is None:
        chinese = re.search(r"[一-鿿].*", first["msg"])
        reason = "格式不正确：" + (chinese.group() if chinese else EXPECTED.get(first["type"], "不能识别"))
    return SettingsError(f"设置 {name} {reason}", parameter=name)
