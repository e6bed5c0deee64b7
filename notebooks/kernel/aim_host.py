"""The C# process behind the kernel, as its Python side sees it: lines of JSON on a pair of pipes, and what it prints."""

import json
import os
import selectors
import signal
import subprocess
import threading

LIMIT = 5_000_000  # bytes that programs started by a cell may print, as CellOutput.Limit
REINSTALL = "run 'aim kernel install' again"


class HostError(Exception):
    """The host cannot be had; the message is for the user."""


class Host:
    """One C# process. Its events, and what it or its children print, go to `on_event` on one thread, in their order."""

    def __init__(self, command, on_event=lambda event: None):
        self.on_event = on_event
        self._replies = {}
        self._reply_came = threading.Condition()
        self._write_gate = threading.Lock()
        self._printed = 0
        self.ready = threading.Event()
        self.ended = threading.Event()
        self.version = None
        for path in command[:2]:
            if os.path.isabs(path) and not os.path.exists(path):
                raise HostError(f"{path} is not there any more: {REINSTALL}")
        request_read, self._requests = os.pipe()
        self._events, event_write = os.pipe()
        try:
            self._process = subprocess.Popen(
                [*command, "--requests", str(request_read), "--events", str(event_write)],
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                pass_fds=(request_read, event_write), start_new_session=True)
        except OSError as error:
            os.close(self._requests)
            os.close(self._events)
            raise HostError(f"the C# host does not start: {error}: {REINSTALL}") from error
        finally:
            os.close(request_read)
            os.close(event_write)
        threading.Thread(target=self._read, daemon=True).start()

    def send(self, **request):
        """Writes a request; one that the host does not live to read is lost, which `ended` tells."""
        line = json.dumps(request).encode() + b"\n"
        with self._write_gate:
            try:
                while line:
                    line = line[os.write(self._requests, line):]
            except OSError:
                pass

    def reply(self, identity, timeout):
        """The reply to a request; None: it has not come within the time, or the host has ended."""
        with self._reply_came:
            self._reply_came.wait_for(lambda: identity in self._replies or self.ended.is_set(), timeout)
            return self._replies.pop(identity, None)

    def begin_cell(self):
        self._printed = 0

    def stop(self):
        """Ends the process and all that it started."""
        try:
            os.killpg(self._process.pid, signal.SIGKILL)
        except OSError:
            pass
        self._process.wait()

    def how_it_ended(self):
        code = self._process.wait()
        if code >= 0:
            return f"ended with exit code {code}"
        try:
            name = signal.Signals(-code).name
        except ValueError:
            name = f"signal {-code}"
        return f"was ended by {name}" + (" (out of memory?)" if name == "SIGKILL" else "")

    def _read(self):
        selector = selectors.DefaultSelector()
        printed = {self._process.stdout: "stdout", self._process.stderr: "stderr"}
        for pipe in printed:
            os.set_blocking(pipe.fileno(), False)
            selector.register(pipe, selectors.EVENT_READ)
        selector.register(self._events, selectors.EVENT_READ)
        rest = b""
        while True:
            for key, _ in selector.select():
                if key.fileobj in printed:
                    if not self._print(key.fileobj, printed[key.fileobj]):
                        selector.unregister(key.fileobj)
                    continue
                data = os.read(self._events, 1 << 16)
                *lines, rest = (rest + data).split(b"\n")
                for line in lines:
                    event = json.loads(line)
                    if event["type"] == "reply":  # what was printed before it is shown before it
                        for pipe, name in printed.items():
                            self._print(pipe, name)
                    self._take(event)
                if not data:
                    for pipe, name in printed.items():
                        self._print(pipe, name)
                    self._end()
                    return

    def _print(self, pipe, name):
        """Shows what is in a pipe of the process; False: it is at its end."""
        while True:
            try:
                data = os.read(pipe.fileno(), 1 << 16)
            except BlockingIOError:
                return True
            if not data:
                return False
            if self._printed > LIMIT:
                continue
            self._printed += len(data)
            text = data.decode("utf-8", "replace")
            if self._printed > LIMIT:
                text += f"\n[output cut: a cell may show {LIMIT // 1000000} MB; write more than that to a file]\n"
            self.on_event({"type": "stream", "name": name, "text": text})

    def _take(self, event):
        if event["type"] == "ready":
            self.version = event.get("version")
            self.ready.set()
        elif event["type"] == "reply":
            with self._reply_came:
                self._replies[event["id"]] = event
                self._reply_came.notify_all()
        else:
            self.on_event(event)

    def _end(self):
        os.close(self._events)
        self.ended.set()
        self.ready.set()
        with self._reply_came:
            self._reply_came.notify_all()
