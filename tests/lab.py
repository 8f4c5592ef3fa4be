"""A JupyterLab as `followback lab` starts it, on a copy of the checkout, for a browser to drive."""

import json
import os
import secrets
import shutil
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import nbformat

ROOT = Path(__file__).parents[1]
# Every cell in the page, so that a test finds it.
SETTINGS = {"notebook-extension/tracker": {"windowingMode": "none"}}
KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}


class Lab:
    """A running JupyterLab; `with` stops it at the end."""

    def __init__(self, folder):
        self.folder, self.token = folder, secrets.token_hex(16)
        self.notebooks = folder / "notebooks"
        shutil.copytree(ROOT / "notebooks", self.notebooks)  # Lab saves what it runs
        for shared in ("toolkit", "data", "pyproject.toml"):
            (folder / shared).symlink_to(ROOT / shared)

    def __enter__(self):
        for name, text in SETTINGS.items():
            file = self.folder / "settings" / "@jupyterlab" / f"{name}.jupyterlab-settings"
            file.parent.mkdir(parents=True)
            file.write_text(json.dumps(text))
        private = {
            "JUPYTERLAB_SETTINGS_DIR": "settings", "JUPYTERLAB_WORKSPACES_DIR": "spaces",
            "JUPYTER_CONFIG_DIR": "config", "JUPYTER_RUNTIME_DIR": "run", "PYTHONPATH": "toolkit",
        }  # fmt: skip
        self.process = subprocess.Popen(
            [sys.executable, "-m", "followback", "lab", "--", "--no-browser", "--ip=127.0.0.1",
             "--port=0", f"--IdentityProvider.token={self.token}"],
            env={**os.environ, **{name: str(self.folder / at) for name, at in private.items()}},
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        for _ in range(300):
            time.sleep(0.2)
            for file in (self.folder / "run").glob("jpserver-*.json"):
                self.url = json.loads(file.read_text())["url"]
                try:
                    urllib.request.urlopen(f"{self.url}api/status?token={self.token}").close()
                except OSError:
                    continue
                return self
        self.__exit__()
        raise AssertionError("JupyterLab did not start")

    def __exit__(self, *_error):
        self.process.terminate()
        self.process.wait(timeout=30)

    def write(self, name, cells):
        """Write a notebook into the folder and return its name."""
        made = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": KERNEL})
        nbformat.write(made, self.notebooks / f"{name}.ipynb")
        return name

    def open(self, chromium, name):
        """Open a notebook in a tab that notes what goes wrong and what it asks of others."""
        page = chromium.new_page(viewport={"width": 1200, "height": 1000})
        page.trouble, page.outside = [], []
        ours = (self.url, self.url.replace("http", "ws"), "data:", "blob:")

        def noted(request):
            if not request.url.startswith(ours):
                page.outside.append(request.url)

        def said(message):
            if message.type == "error":
                page.trouble.append(message.text)

        page.on("request", noted)
        page.on("console", said)
        page.on("pageerror", lambda error: page.trouble.append(str(error)))
        page.on("dialog", lambda dialog: (page.trouble.append(dialog.message), dialog.dismiss()))
        page.goto(f"{self.url}lab/tree/{name}.ipynb?token={self.token}&reset")
        page.wait_for_selector(".jp-Notebook .jp-InputPrompt", timeout=60_000)
        page.get_by_text("| Idle").wait_for(timeout=60_000)  # a cell run before that is lost
        return page

    def run_all(self, page):
        """Run every cell and wait until each has its number."""
        page.get_by_role("menuitem", name="Run", exact=True).click()
        page.get_by_text("Run All Cells", exact=True).click()
        page.wait_for_function(
            "[...document.querySelectorAll('.jp-CodeCell .jp-InputPrompt')]"
            ".every(p => /\\d/.test(p.textContent))",
            timeout=90_000,
        )
