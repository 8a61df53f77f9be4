from guestbook import entry


def test_markup_is_escaped():
    assert entry("<b>", "x") == "<p><b>&lt;b&gt;</b> x</p>"
