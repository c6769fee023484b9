"""Batches on a Dask cluster: in order, whatever dies."""

import os
import signal
import socket
import threading
import time

import pytest

from classifier.search import cluster as connection
from pipeline.batch import cluster
from pipeline.batch.cluster import Cluster
from pipeline.batch.files import Source
from pipeline.batch.read import read_files
from pipeline.commands import main as cli


def square(state, items):
    """Kills its process at a seven, fails at an eight."""
    time.sleep(0.02)
    for item in items:
        if item == 7:
            os.kill(os.getpid(), signal.SIGKILL)
        if item == 8:
            raise RuntimeError("no eight")
    return [state * item**2 for item in items]


def negative(item):
    return -item


@pytest.fixture(scope="module")
def local():
    import dask
    from distributed import LocalCluster

    # Dask gives up a worker that is away 15 s after it was, though it was back in between and died again.
    patient = dask.config.set({"distributed.deploy.lost-worker-timeout": "1 hour"})
    with patient, LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=":0") as started:
        yield started


def test_another_version_of_the_package_is_refused():
    with pytest.raises(ValueError, match=r"same tridigit\. Received: 0\.0\.1 of the client"):
        cluster._run("0.0.1", square, b"", [])


def test_a_scheduler_that_is_not_there_is_bad_usage(capsys, folder, tmp_path, monkeypatch):
    monkeypatch.setattr(connection, "ANSWER_SECONDS", 1)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{free.getsockname()[1]}"
        with pytest.raises(SystemExit) as stop:
            cli.main(["read", str(folder), "--scheduler", address, "-o", str(tmp_path / "out.csv")])
    assert stop.value.code == 2
    assert not (tmp_path / "out.csv").exists()
    assert f"No Dask scheduler answered at '{address}' within 1 s" in capsys.readouterr().err


@pytest.mark.slow
def test_results_come_in_order_and_batches_are_taken_as_they_are_needed(local):
    taken = []

    def batches():
        for k in range(60):
            taken.append(k)
            yield [k + 10, k + 11]

    results = Cluster(square, 10, negative, scheduler=local.scheduler_address).run(batches())
    first = [next(results), next(results)]
    assert len(taken) <= 2 * cluster.AHEAD
    assert [*first, *results] == [10 * n**2 for k in range(60) for n in (k + 10, k + 11)]


@pytest.mark.slow
def test_an_item_that_kills_every_worker_costs_itself_alone(local):
    batches = [[1, 2], [6, 7, 9], [10]]
    results = Cluster(square, 1, negative, scheduler=local.scheduler_address).run(batches)
    assert list(results) == [1, 4, 36, -7, 81, 100]


@pytest.mark.slow
def test_work_that_fails_ends_the_batch_with_its_words(local):
    with pytest.raises(OSError, match=r"A worker of 'tcp://.*' failed: RuntimeError: no eight"):
        list(Cluster(square, 1, negative, scheduler=local.scheduler_address).run([[8]]))


@pytest.mark.slow
def test_the_table_is_the_same_though_workers_die(capsys, folder, tmp_path_factory, local):
    out, n = tmp_path_factory.mktemp("out"), 300
    for k in range(n):
        os.link(folder / "427.png", folder / f"{k}-of-many.png")
    assert cli.main(["read", str(folder), "--batch-size", "8", "-o", str(out / "here.csv")]) == 3

    def kill_some():
        for _ in range(2):
            while (out / "there.csv").stat().st_size < 1 or len(local.scheduler.workers) < 2:
                time.sleep(0.01)
            nanny = next(iter(local.workers.values()))
            killed = nanny.worker_address
            os.kill(nanny.pid, signal.SIGKILL)
            while killed in local.scheduler.workers:
                time.sleep(0.01)

    (out / "there.csv").touch()
    killer = threading.Thread(target=kill_some)
    killer.start()
    args = ["--scheduler", local.scheduler_address, "--batch-size", "8"]
    assert cli.main(["read", str(folder), *args, "-o", str(out / "there.csv")]) == 3
    killer.join()
    assert (out / "there.csv").read_bytes() == (out / "here.csv").read_bytes()


@pytest.mark.slow
def test_relative_paths_are_those_of_the_client(reader, folder, local, monkeypatch):
    monkeypatch.chdir(folder)
    (row,) = read_files([Source("427.png", "427.png")], reader, scheduler=local.scheduler_address)
    assert (row.name, row.reading.number) == ("427.png", "427")


@pytest.mark.slow
def test_a_cluster_without_workers_is_named(monkeypatch):
    from distributed import LocalCluster

    monkeypatch.setattr(cluster, "ANSWER_SECONDS", 1)
    with LocalCluster(n_workers=0, dashboard_address=":0") as empty, pytest.raises(OSError, match="has no workers"):
        list(Cluster(square, 1, negative, scheduler=empty.scheduler_address).run([[1]]))


@pytest.mark.slow
def test_a_cluster_that_loses_its_workers_is_not_waited_for(monkeypatch):
    from distributed import LocalCluster

    monkeypatch.setattr(cluster, "RECOUNT", 0.2)
    monkeypatch.setattr(cluster, "DESERTED", 1)
    with LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address=":0") as dwindling:
        batches = ([n] for n in range(100, 160))
        results = Cluster(square, 1, negative, scheduler=dwindling.scheduler_address).run(batches)
        assert next(results) == 100**2
        (nanny,) = dwindling.workers.values()
        dwindling.sync(nanny.close)
        with pytest.raises(OSError, match="has lost all its workers"):
            list(results)
