"""The same desk, office and watcher for asyncio: every method is a coroutine.

A coroutine that is cancelled gives its call up; nothing is lost, and the next call goes on. Functions without a desk are not
here: they take microseconds. One whose key blocks goes through `asyncio.to_thread`.
"""

import asyncio
import functools

from ksef_offline import _native

__all__ = ["Desk", "Office", "Watcher"]


class _Asynchronous:
    """Holds a native object and begins its calls."""

    def __init__(self, native):
        self._native = native

    async def close(self):
        """Lets go of files and connections. Nothing can be asked any more."""
        await asyncio.to_thread(self._native.close)

    async def __aenter__(self):
        return self

    async def __aexit__(self, kind, error, trace):
        await self.close()


def _settle(future, value, error):
    if future.done():
        return
    if error is None:
        future.set_result(value)
    else:
        future.set_exception(error)


def _coroutine(native, name):
    begin = getattr(native, f"_begin_{name}")

    @functools.wraps(getattr(native, name))
    async def call(self, *args, **kwargs):
        loop = asyncio.get_running_loop()
        future = loop.create_future()

        def done(value, error):
            loop.call_soon_threadsafe(_settle, future, value, error)

        begun = begin(self._native, done, *args, **kwargs)
        try:
            value = await future
        except asyncio.CancelledError:
            begun.cancel()
            raise
        wrap = _CLASSES.get(type(value))
        return value if wrap is None else wrap._around(value)

    return call


def _like(native):
    """Gives a class the calls of a native one."""

    def add(cls):
        cls.__doc__ = native.__doc__
        for name in dir(native):
            if not name.startswith("_") and hasattr(native, f"_begin_{name}"):
                call = _coroutine(native, name)
                call.__qualname__ = f"{cls.__name__}.{name}"
                setattr(cls, name, call)
        _CLASSES[native] = cls
        return cls

    return add


_CLASSES = {}


@_like(_native.Desk)
class Desk(_Asynchronous):
    def __init__(self, home, *, signer=None, login=None):
        super().__init__(_native.Desk(home, signer=signer, login=login))


@_like(_native.Office)
class Office(_Asynchronous):
    def __init__(self, folder):
        super().__init__(_native.Office(folder))


@_like(_native.Watcher)
class Watcher(_Asynchronous):
    @classmethod
    def _around(cls, native):
        made = cls.__new__(cls)
        _Asynchronous.__init__(made, native)
        return made

    def __init__(self):
        raise TypeError("a watcher comes from Desk.watch")

    def __aiter__(self):
        return self

    async def __anext__(self):
        event = await self.next()
        if event is None:
            raise StopAsyncIteration
        return event
