"""As many order lines as are asked for, made without chance, in the columns of `plans.LINES`."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

COUNTRIES = ["DE", "FR", "US", "JP", "BR", "\u0395\u03bb\u03bb\u03ac\u03c2", "Espa\u00f1a", "\u65e5\u672c", "", None]


def mixed(numbers, salt):
    """A fixed, even mixture of 64-bit numbers: the last step of splitmix64."""
    x = numbers + np.uint64(salt) * np.uint64(0x9E3779B97F4A7C15)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


def below(numbers, salt, bound):
    return (mixed(numbers, salt) % np.uint64(bound)).astype(np.int64)


def prefixed(letter, numbers):
    return pc.binary_join_element_wise(letter, pa.array(numbers).cast(pa.string()), "")


def decimals(unscaled, precision, scale):
    words = np.empty((len(unscaled), 2), dtype=np.int64)  # 128 bits, the low half first
    words[:, 0] = unscaled
    words[:, 1] = unscaled >> 63
    return pa.Array.from_buffers(pa.decimal128(precision, scale), len(unscaled), [None, pa.py_buffer(words)])


def many_lines(count, first=0):
    """Lines `first` to `first + count`: two an order, an eighth as many customers, few of whom buy most, 3 % returns."""
    with np.errstate(over="ignore"):
        line = np.arange(first, first + count, dtype=np.uint64)
        order = line // np.uint64(2)
        # The square of an even share: the first hundredth of the customers has a tenth of the orders.
        share = (mixed(order, 1) >> np.uint64(11)).astype(np.float64) / 2**53
        customer = (share * share * (count // 8 + 1)).astype(np.int64)
        seconds = 1_672_531_200 + below(order, 2, 3 * 365 * 86_400)  # from 2023-01-01 on
        price = (1 + below(line, 3, 20_000)) * (1 + below(line, 4, 7))
        quantity = np.where(below(line, 5, 100) < 3, -10, 10 * (1 + below(line, 6, 3)))
        country = below(order, 7, len(COUNTRIES))
    return pa.table({
        "customer": prefixed("c", customer), "order_no": prefixed("o", order.astype(np.int64)),
        "sold_at": pa.array(seconds * 1_000_000, pa.timestamp("us")), "quantity": decimals(quantity, 9, 1),
        "price": decimals(price, 18, 2), "country": pa.array(COUNTRIES).take(pa.array(country))})
