from markupsafe import escape


def entry(name, text):
    return f"<p><b>{escape(name)}</b> {escape(text)}</p>"
