"""Categories by their number in the API."""

from __future__ import annotations

from collections.abc import Mapping

from pushsvc.v1 import notification_pb2
from vendors.contract import Category

BY_NUMBER: Mapping[int, Category | None] = {
    notification_pb2.CATEGORY_UNSPECIFIED: None,
    notification_pb2.CATEGORY_IM: Category.IM,
    notification_pb2.CATEGORY_ACCOUNT: Category.ACCOUNT,
    notification_pb2.CATEGORY_TODO: Category.TODO,
    notification_pb2.CATEGORY_ORDER: Category.ORDER,
    notification_pb2.CATEGORY_DEVICE: Category.DEVICE,
    notification_pb2.CATEGORY_SUBSCRIPTION: Category.SUBSCRIPTION,
    notification_pb2.CATEGORY_NEWS: Category.NEWS,
    notification_pb2.CATEGORY_CONTENT: Category.CONTENT,
    notification_pb2.CATEGORY_MARKETING: Category.MARKETING,
    notification_pb2.CATEGORY_SOCIAL: Category.SOCIAL,
}
NUMBERS = {category: notification_pb2.Category.ValueType(number) for number, category in BY_NUMBER.items()}
