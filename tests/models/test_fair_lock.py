"""The lock that training and answers share."""

import threading
import time

import pytest
from polling import wait_for

from lineas.models.fair_lock import FairLock


def test_first_come_first_served():
    lock, order = FairLock(), []

    def enter(number):
        with lock:
            order.append(number)

    lock.acquire()
    threads = []
    for number in range(8):
        threads.append(threading.Thread(target=enter, args=(number,)))
        threads[-1].start()
        wait_for(lambda expected=number + 1: lock.waiting == expected)
    lock.release()
    for thread in threads:
        thread.join()
    assert order == list(range(8))
    assert not lock.locked
    assert lock.waiting == 0


def test_a_loop_that_takes_the_lock_at_once_lets_others_in_after_one_turn():
    lock, turns, stop = FairLock(), 0, threading.Event()

    def greedy():
        nonlocal turns
        while not stop.is_set():
            with lock:
                turns += 1
                time.sleep(0.002)

    thread = threading.Thread(target=greedy)
    thread.start()
    try:
        for _ in range(30):
            before = turns
            with lock:
                # the turn that was running when we asked, and no other
                assert turns - before <= 1
            time.sleep(0.001)
    finally:
        stop.set()
        thread.join()


def test_the_lock_is_reentrant_and_only_its_holder_may_release_it():
    lock, refused = FairLock(), []

    def release():
        try:
            lock.release()
        except RuntimeError as error:
            refused.append(error)

    with lock:
        with lock:
            assert lock.locked
        assert lock.locked
        thread = threading.Thread(target=release)
        thread.start()
        thread.join()
        assert refused and lock.locked
        assert lock.share() is False
    assert not lock.locked


def test_share_releases_every_level_and_takes_them_back():
    lock, order = FairLock(), []

    def enter():
        with lock:
            order.append("other")

    thread = threading.Thread(target=enter)
    with lock, lock:
        thread.start()
        wait_for(lambda: lock.waiting == 1)
        assert lock.share() is True
        assert order == ["other"]
    thread.join()
    assert not lock.locked


def test_share_lets_all_waiting_threads_go_first():
    lock, order = FairLock(), []

    def enter(name):
        with lock:
            order.append(name)

    lock.acquire()
    assert lock.share() is False  # nobody waits: nothing happens
    threads = []
    for number, name in enumerate(("a", "b"), start=1):
        threads.append(threading.Thread(target=enter, args=(name,)))
        threads[-1].start()
        wait_for(lambda expected=number: lock.waiting == expected)
    assert lock.share() is True
    assert order == ["a", "b"]
    assert lock.locked
    lock.release()
    for thread in threads:
        thread.join()
    assert not lock.locked


def test_release_without_holding_is_an_error_and_an_exception_inside_releases():
    lock = FairLock()
    with pytest.raises(RuntimeError):
        lock.release()
    with pytest.raises(ValueError), lock:
        raise ValueError
    assert not lock.locked


def test_two_threads_never_hold_the_lock_together():
    lock, inside, worst = FairLock(), 0, 0

    def work():
        nonlocal inside, worst
        for _ in range(200):
            with lock:
                inside += 1
                worst = max(worst, inside)
                inside -= 1

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert worst == 1
    assert not lock.locked


class _Interrupted(threading.Event):
    """An event whose wait is interrupted, as by Ctrl-C in the main thread."""

    def wait(self, timeout=None):
        raise KeyboardInterrupt


def test_interrupting_a_waiting_thread_leaves_no_ticket(monkeypatch):
    lock, held, done = FairLock(), threading.Event(), threading.Event()

    def hold():
        with lock:
            held.set()
            done.wait(10)

    thread = threading.Thread(target=hold)
    thread.start()
    held.wait(10)
    monkeypatch.setattr(threading, "Event", _Interrupted)
    with pytest.raises(KeyboardInterrupt):
        lock.acquire()
    monkeypatch.undo()
    assert lock.waiting == 0
    done.set()
    thread.join()
    assert not lock.locked
