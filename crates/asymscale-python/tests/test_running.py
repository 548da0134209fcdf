"""Threads, Ctrl-C, processes, and what an import costs."""

from __future__ import annotations

import multiprocessing
import signal
import subprocess
import sys
import threading
import time

import pytest

import asymscale

MODEL = asymscale.Model(alpha=1, beta=1.5)


def _loss(features: int) -> float:
    return float(MODEL.loss([features, 50], 100)[0])


def test_the_lock_of_the_interpreter_is_free() -> None:
    """Another thread counts while a simulation runs."""
    counted, done = [0], threading.Event()

    def count() -> None:
        while not done.is_set():
            counted[0] += 1
            time.sleep(0.001)

    counter = threading.Thread(target=count)
    counter.start()
    before = counted[0]
    MODEL.simulate([64, 256], 512, repeats=8)
    after = counted[0]
    done.set()
    counter.join()
    assert after - before > 3


@pytest.mark.skipif(sys.platform == "win32", reason="signals of a terminal")
def test_ctrl_c_is_heard() -> None:
    """A process that would work for minutes is interrupted, and says so as Python does."""
    script = (
        "import asymscale\n"
        "print('begins', flush=True)\n"
        "try:\n"
        "    asymscale.Model(alpha=1, beta=1.5).simulate(64, 2048, repeats=100000)\n"
        "except KeyboardInterrupt:\n"
        "    print('interrupted', flush=True)\n"
        "asymscale.Model(alpha=1, beta=1.5).simulate(4, 8, repeats=2)\n"
        "print('goes on', flush=True)\n"
    )
    words = [sys.executable, "-c", script]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "begins\n"
        time.sleep(0.5)
        process.send_signal(signal.SIGINT)
        assert process.stdout.readline() == "interrupted\n"
        # Later calls do not wait for what was interrupted.
        assert process.stdout.readline() == "goes on\n"
        assert process.wait(timeout=60) == 0


@pytest.mark.skipif("fork" not in multiprocessing.get_all_start_methods(), reason="no fork")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_process_answers() -> None:
    """The threads of a parent process are not there in its children."""
    here = [_loss(n) for n in (10, 20)]
    with multiprocessing.get_context("fork").Pool(2) as pool:
        there = pool.map_async(_loss, (10, 20)).get(timeout=60)
    assert there == here


def test_an_import_needs_no_numpy() -> None:
    script = "import sys, asymscale; print('numpy' in sys.modules)"
    told = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert told.stdout == "False\n"
