from django.test import TestCase

from orders.models import Order


class OrderTest(TestCase):
    def test_an_order_is_kept(self):
        Order.objects.create(number="A-1")
        self.assertEqual(Order.objects.count(), 1)
