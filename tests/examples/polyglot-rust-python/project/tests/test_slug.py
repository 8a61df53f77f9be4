from fastslug import slug


def test_words_are_joined():
    assert slug("Hello World") == "hello-world"
