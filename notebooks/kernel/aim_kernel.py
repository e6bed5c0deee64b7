"""The Jupyter kernel "C# (Aim)": Jupyter's own wrapper base class in front of a C# host.

ipykernel does ZeroMQ, signatures and threads; the host compiles and runs the cells. Between the two run lines of JSON on a pair
of pipes. The host is in a session of its own, so that Jupyter's SIGINT, which goes to the whole process group, reaches this
process alone; it is passed on as a message. A host that does not stop, or ends, is replaced by a new one, and the
notebook is told.

Started by Jupyter as: python aim_kernel.py -f CONNECTION_FILE --host PROGRAM ARGUMENT ...
"""

import fnmatch
import signal
import sys
import threading
import time

from aim_host import REINSTALL, Host, HostError

PROTOCOL = 1  # EventPipe.Version of the host
PATIENCE = 5.0  # seconds that an interrupted cell has to stop
START = 60.0  # seconds that a host has to start, on a machine that is busy


def host_command(arguments):
    """Splits this program's arguments: ipykernel's, and the host's command line behind --host."""
    at = arguments.index("--host") if "--host" in arguments else len(arguments)
    return arguments[:at], arguments[at + 1:]


ARGUMENTS, COMMAND = host_command(sys.argv[1:])
try:
    FIRST = Host(COMMAND)  # the host starts while ipykernel is imported
except HostError:
    FIRST = None  # told by the first cell, which tries again

try:
    from ipykernel.kernelapp import IPKernelApp
    from ipykernel.kernelbase import Kernel
except ImportError as missing:
    sys.exit(f"aim kernel: {sys.executable} cannot import ipykernel ({missing}): install it there, or {REINSTALL}")


class AimKernel(Kernel):
    """Cells go to the host; what comes back goes to Jupyter."""

    implementation = "aim"
    implementation_version = "0.1"
    banner = "C# (Aim): cells run in .NET, with the state of those before"
    language_info = {
        "name": "C#", "version": "14", "mimetype": "text/x-csharp", "file_extension": ".cs",
        "pygments_lexer": "csharp", "codemirror_mode": "text/x-csharp", "nbconvert_exporter": "script",
    }
    help_links = [{"text": "C#", "url": "https://learn.microsoft.com/dotnet/csharp/"}]

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self._parent = {}
        self._requests = 0
        self._history = []
        self._closing = False
        self._interrupted = threading.Event()
        self._host = FIRST
        if self._host is not None:
            self._host.on_event = self._show

    # What the host says, on its reader's thread.
    def _show(self, event):
        kind, content = event["type"], None
        if kind == "stream":
            content = {"name": event["name"], "text": event["text"]}
        elif kind in ("display", "update", "result"):
            content = {"data": event["data"], "metadata": {}}
            if "display_id" in event:
                content["transient"] = {"display_id": event["display_id"]}
            if kind == "result":
                content["execution_count"] = self.execution_count
            kind = {"display": "display_data", "update": "update_display_data", "result": "execute_result"}[kind]
        elif kind == "clear":
            kind, content = "clear_output", {"wait": event["wait"]}
        if content is not None:
            self.session.send(self.iopub_socket, kind, content, self._parent, ident=self._topic(kind))

    def _started(self):
        """The host, started anew if need be."""
        if self._host is None or self._host.ended.is_set():
            self._host = Host(COMMAND, self._show)
        host = self._host
        if not host.ready.wait(START):
            host.stop()
            raise HostError(f"the C# host did not start within {START:.0f} seconds")
        if host.ended.is_set():
            raise HostError(f"the C# host {host.how_it_ended()} while it started: {REINSTALL}")
        if host.version != PROTOCOL:
            host.stop()
            raise HostError(f"the kernelspec and the C# host are of different versions: {REINSTALL}")
        return host

    def _ask(self, timeout, **request):
        """A short request; None where the host has no answer in time."""
        try:
            host = self._started()
        except HostError:
            return None
        self._requests += 1
        host.send(id=self._requests, **request)
        reply = host.reply(self._requests, timeout)
        return reply if reply and reply["status"] != "error" else None

    def do_execute(self, code, silent, store_history=True, user_expressions=None, allow_stdin=False, **_):
        if store_history and not silent and code.strip():
            self._history.append((0, self.execution_count, code))
        self._parent = self.get_parent("shell") if hasattr(self, "get_parent") else self._parent_header
        self._interrupted.clear()
        in_main = threading.current_thread() is threading.main_thread()
        before = signal.signal(signal.SIGINT, lambda *_: self._interrupted.set()) if in_main else None
        try:
            error = self._run(code, 0 if silent else self.execution_count)
        except HostError as trouble:
            error = ("HostError", str(trouble), str(trouble))
        finally:
            if in_main:
                signal.signal(signal.SIGINT, before)
        if error is None:
            return {"status": "ok", "execution_count": self.execution_count, "payload": [], "user_expressions": {}}
        name, value, text = error
        content = {"ename": name, "evalue": value, "traceback": text.split("\n")}
        if not silent:
            self.session.send(self.iopub_socket, "error", content, self._parent, ident=self._topic("error"))
        return {"status": "error", "execution_count": self.execution_count, **content}

    def _run(self, code, count):
        """Runs a cell to its end, or to the host's; (name, value, text) of an error."""
        host = self._started()
        host.begin_cell()
        self._requests += 1
        identity, deadline = self._requests, None
        host.send(type="execute", id=identity, code=code, count=count)
        while True:
            reply = host.reply(identity, 0.05 if deadline else 0.2)
            if reply is not None:
                if reply["status"] == "ok":
                    return None
                return reply["ename"], reply["evalue"], reply["text"]
            if host.ended.is_set():
                if self._closing:
                    return "Ended", "the kernel was shut down", "the kernel was shut down"
                lost = f"The C# host {host.how_it_ended()}. A new one starts: variables, usings and #r references are lost."
                self._host = Host(COMMAND, self._show)
                return "HostEnded", lost, lost
            if self._interrupted.is_set() and deadline is None:
                deadline = time.monotonic() + PATIENCE
                host.send(type="interrupt")
            if deadline is not None and time.monotonic() > deadline:
                host.stop()
                host.ended.wait(PATIENCE)
                lost = (f"The cell did not stop within {PATIENCE:.0f} seconds, so the C# host was ended. "
                        "A new one starts: variables, usings and #r references are lost.")
                self._host = Host(COMMAND, self._show)
                return "HostRestarted", lost, lost

    def do_complete(self, code, cursor_pos):
        reply = self._ask(15, type="complete", code=code, cursor=cursor_pos)
        reply = reply or {"items": [], "start": cursor_pos, "end": cursor_pos}
        start, end = reply["start"], reply["end"]
        types = [{"text": text, "type": kind, "start": start, "end": end} for text, kind in reply["items"]]
        return {"status": "ok", "matches": [t["text"] for t in types], "cursor_start": start, "cursor_end": end,
                "metadata": {"_jupyter_types_experimental": types}}

    def do_inspect(self, code, cursor_pos, detail_level=0, omit_sections=()):
        reply = self._ask(15, type="inspect", code=code, cursor=cursor_pos)
        text = reply and reply["text"]
        return {"status": "ok", "found": bool(text), "data": {"text/plain": text} if text else {}, "metadata": {}}

    def do_is_complete(self, code):
        reply = self._ask(5, type="is_complete", code=code)
        if reply is None:
            return {"status": "unknown"}
        return {"status": reply["status"], **({"indent": reply["indent"]} if reply["status"] == "incomplete" else {})}

    def do_history(self, hist_access_type, output, raw, session=None, start=None, stop=None, n=None, pattern=None, unique=False):
        items = self._history
        if hist_access_type == "range":
            items = [i for i in items if i[1] >= (start or 0) and (stop is None or i[1] < stop)]
        elif hist_access_type == "search":
            items = [i for i in items if fnmatch.fnmatchcase(i[2], pattern or "*")]
            if unique:
                items = sorted({code: i for *i, code in items}.items(), key=lambda pair: pair[1])
                items = [(*i, code) for code, i in items]
        if hist_access_type != "range" and n is not None:
            items = items[-n:] if n > 0 else []
        return {"status": "ok", "history": [(s, c, (code, None) if output else code) for s, c, code in items]}

    def do_shutdown(self, restart):
        self._closing = True
        if self._host is not None:
            self._host.stop()
        return {"status": "ok", "restart": restart}


if __name__ == "__main__":
    IPKernelApp.launch_instance(argv=ARGUMENTS, kernel_class=AimKernel)
