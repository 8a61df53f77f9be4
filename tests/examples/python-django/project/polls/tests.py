from django.test import TestCase

from polls.models import Question


class QuestionTest(TestCase):
    def test_reads_as_its_text(self):
        self.assertEqual("Tea?", str(Question.objects.create(text="Tea?")))
