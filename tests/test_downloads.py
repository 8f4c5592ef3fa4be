"""FETCH: from a server on this machine; resumed where it broke off, checked, refused if changed."""

import hashlib
import http.server
import threading

import pytest

import followback as fb
from followback import downloads

CONTENT = b"1 2\n2 1\n" * 5_000


class Server(http.server.BaseHTTPRequestHandler):
    """Serve CONTENT with ranges; the first answers of a test may break off."""

    asked = ()
    cuts = 0
    content = CONTENT

    def do_GET(self):
        start = int((self.headers.get("Range") or "bytes=0-")[6:-1])
        Server.asked = (*Server.asked, start)
        if self.path.startswith("/none"):
            self.send_error(404)
            return
        if start >= len(Server.content):
            self.send_error(416)
            return
        body = Server.content[start:]
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if Server.cuts:
            Server.cuts -= 1
            body = body[:10_000]
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture
def server():
    Server.asked, Server.cuts, Server.content = (), 0, CONTENT
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server) as running:
        thread = threading.Thread(target=running.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{running.server_address[1]}"
        running.shutdown()
        thread.join()


def test_a_graph_is_fetched_once_and_read(server, tmp_path):
    path = downloads.fetch(f"{server}/x.txt", tmp_path)
    assert fb.read(path).n_follows == 2
    assert downloads.fetch(f"{server}/x.txt", tmp_path) == path
    assert Server.asked == (0,)


def test_a_download_that_broke_off_goes_on_where_it_stopped(server, tmp_path):
    Server.cuts = 2
    for _ in range(2):
        with pytest.raises(fb.FollowbackError, match="what has arrived is kept"):
            downloads.fetch(f"{server}/x.txt", tmp_path)
    digest = hashlib.sha256(CONTENT).hexdigest()
    path = downloads.fetch(f"{server}/x.txt", tmp_path, sha256=digest)
    assert path.read_bytes() == CONTENT
    assert Server.asked == (0, 10_000, 20_000)


def test_a_changed_file_is_refused(server, tmp_path):
    downloads.fetch(f"{server}/x.txt", tmp_path).unlink()
    Server.content = CONTENT.replace(b"1 2", b"1 3")
    with pytest.raises(fb.FollowbackError, match="not the file expected"):
        downloads.fetch(f"{server}/x.txt", tmp_path)
    with pytest.raises(fb.FollowbackError, match="not the file expected"):
        downloads.fetch(f"{server}/y.txt", tmp_path, sha256="0" * 64)


def test_unknown_names_and_missing_files(server, tmp_path):
    with pytest.raises(fb.CallError, match="no public graph is called 'twiter'"):
        downloads.fetch("twiter", tmp_path)
    with pytest.raises(fb.FollowbackError, match="404"):
        downloads.fetch(f"{server}/none.txt", tmp_path)
    assert all(graph.url.startswith("https://") for graph in downloads.KNOWN.values())
