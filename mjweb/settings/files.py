"""Settings of files: where they are stored, and how large they may be."""

from mjweb.settings.environment import DATA, ENV, ROOT

DATA_FOLDER = DATA
MEDIA_ROOT = DATA / "media"
STATIC_ROOT = DATA / "static"
STATIC_URL = "/static/"
STATICFILES_DIRS = [ROOT / "static"]
FILES_ARE_REMOTE = bool(ENV.s3_bucket)
S3_STORAGE = {
    "BACKEND": "storages.backends.s3.S3Storage",
    "OPTIONS": {
        "bucket_name": ENV.s3_bucket,
        "endpoint_url": ENV.s3_endpoint_url or None,
        "access_key": ENV.s3_access_key or None,
        "secret_key": ENV.s3_secret_key or None,
        "region_name": ENV.s3_region or None,
        "querystring_auth": True,
        "querystring_expire": 3600,
        # A name is derived from the file's owner, so writing it again writes the same content.
        "file_overwrite": True,
        "default_acl": None,
        "signature_version": "s3v4",
    },
}
LOCAL_STORAGE = {
    "BACKEND": "mjweb.storage.WholeFilesStorage",
    "OPTIONS": {"allow_overwrite": True},
}
STORAGES = {
    "default": S3_STORAGE if FILES_ARE_REMOTE else LOCAL_STORAGE,
    "staticfiles": {"BACKEND": "mjweb.storage.StaticFilesStorage"},
}
MAX_UPLOAD_BYTES = int(ENV.max_upload_mb * 1024 * 1024)
MAX_UPLOADS_AT_ONCE = 20
MAX_CLIP_BYTES = int(ENV.max_clip_mb * 1024 * 1024)
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o700
FILE_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
