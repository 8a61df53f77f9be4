import os

SECRET_KEY = os.environ.get("SECRET_KEY", "only for development")
INSTALLED_APPS = ["polls"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": os.environ.get("POSTGRES_DB", "polls"),
        "USER": os.environ.get("POSTGRES_USER", "postgres"),
        "PASSWORD": os.environ.get("POSTGRES_PASSWORD", "polls"),
        "HOST": os.environ.get("POSTGRES_HOST", "localhost"),
    }
}
