"""Executes a notebook with nbconvert and writes it as HTML; what `aim notebooks publish` and `run` start.

Arguments: the notebook, the folder that its cells run in, the HTML file to write ('-': none), and the seconds that a cell may take.
What happens is told in lines of JSON on standard output; the exit status is 0 wherever the last line says how it ended.
"""
import json
import sys

import nbformat
from jupyter_client.kernelspec import NoSuchKernel
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbconvert.exporters import HTMLExporter
from nbconvert.preprocessors import CellExecutionError, ExecutePreprocessor
from traitlets.config import Config


def say(**event):
    print(json.dumps(event), flush=True)


class Execution(ExecutePreprocessor):
    """Tells of each cell before it runs, so that whoever reads knows where it ended."""

    cells = 0

    def preprocess_cell(self, cell, resources, index):
        say(cell=index + 1, of=self.cells)
        return super().preprocess_cell(cell, resources, index)


def main(notebook, folder, page, seconds):
    with open(notebook, encoding="utf-8") as file:
        nb = nbformat.read(file, as_version=4)
    kernel = nb.metadata.get("kernelspec", {}).get("name", "")
    execution = Execution(timeout=int(seconds), kernel_name=kernel)
    execution.cells = len(nb.cells)
    try:
        execution.preprocess(nb, {"metadata": {"path": folder}})
    except CellExecutionError as error:
        outputs = [o for c in nb.cells if c.cell_type == "code" for o in c.outputs if o.output_type == "error"]
        text = "\n".join(outputs[-1]["traceback"]) if outputs else str(error)
        say(failed=getattr(error, "ename", "error"), text=text)
        return
    except (CellTimeoutError, TimeoutError):
        say(failed="Timeout", text="the cell takes more than %s seconds" % seconds)
        return
    except DeadKernelError:
        say(failed="DeadKernel", text="the kernel has ended; 'aim doctor' says whether what is installed still runs")
        return
    except NoSuchKernel:
        say(failed="NoSuchKernel", text="no kernel '%s' is installed" % kernel)
        return
    if page != "-":
        # Nothing of a page may come from elsewhere: no address of a script is given.
        exporter = HTMLExporter(config=Config({"HTMLExporter": {
            "require_js_url": "", "mathjax_url": "", "jquery_url": "", "mermaid_js_url": "", "widget_renderer_url": "",
            "jupyter_widgets_base_url": "",
        }}))
        body, _ = exporter.from_notebook_node(nb)
        with open(page, "w", encoding="utf-8") as file:
            file.write(body)
    say(done=True)


main(*sys.argv[1:])
