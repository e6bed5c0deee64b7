"""Drives the kernel as Jupyter does, by jupyter_client, and prints one line of JSON a check:
{"check": ..., "error": null or text}.

The checks are those of jupyter_kernel_test (stdout, stderr, result, display, error, completion, inspection, completeness,
history, clearing, interrupt), and what only a whole kernel can show: a host that ends or does not stop, two kernels at once.

python jupyter_checks.py FOLDER_OF_KERNELSPECS
"""

import json
import os
import shutil
import signal
import sys
import tempfile
import time

from jupyter_client import KernelManager
from jupyter_client.kernelspec import KernelSpecManager

PATIENCE = 120  # seconds, on a machine that is busy


class Kernel:
    def __init__(self, folder):
        specs = KernelSpecManager(kernel_dirs=[folder])
        self.manager = KernelManager(kernel_name="aim-csharp", kernel_spec_manager=specs)
        self.manager.start_kernel()
        self.client = self.manager.client()
        self.client.start_channels()
        self.client.wait_for_ready(PATIENCE)

    def reply(self, identity):
        while True:
            message = self.client.get_shell_msg(timeout=PATIENCE)
            if message["parent_header"].get("msg_id") == identity:
                return message["content"]

    def run(self, code, on_output=None, **options):
        """(reply, [(type, content), ...]) of a cell."""
        # Behind an error Jupyter refuses what is queued, which the next request of a check may be.
        identity = self.client.execute(code, stop_on_error=False, **options)
        outputs = []
        while True:
            message = self.client.get_iopub_msg(timeout=PATIENCE)
            if message["parent_header"].get("msg_id") != identity:
                continue
            kind, content = message["msg_type"], message["content"]
            if kind == "status" and content["execution_state"] == "idle":
                return self.reply(identity), outputs
            if kind != "status":
                outputs.append((kind, content))
                if on_output and kind != "execute_input":
                    on_output, call = None, on_output
                    call()

    def of(self, code, kind, **options):
        reply, outputs = self.run(code, **options)
        assert reply["status"] == "ok", reply
        return [c for k, c in outputs if k == kind]

    def interrupted(self, code):
        return self.run(code, on_output=self.manager.interrupt_kernel)[0]

    def stop(self):
        self.client.stop_channels()
        self.manager.shutdown_kernel()


def resident(kernel):
    """Bytes of memory that the kernel's host holds, without garbage."""
    kernel.run("GC.Collect(); GC.WaitForPendingFinalizers(); GC.Collect();")
    (content,) = kernel.of("Environment.ProcessId", "execute_result")
    with open(f"/proc/{content['data']['text/plain']}/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def equal(found, wanted):
    assert found == wanted, f"{found!r}, not {wanted!r}"


def contains(text, part):
    assert part in text, f"{part!r} is not in {text!r}"


def kernel_info(k):
    info = k.reply(k.client.kernel_info())
    equal((info["status"], info["implementation"]), ("ok", "aim"))
    language = info["language_info"]
    equal((language["name"], language["file_extension"], language["mimetype"]), ("C#", ".cs", "text/x-csharp"))
    contains(info["banner"], "C#")


def stdout(k):
    equal(k.of('Console.WriteLine("hello, world é");', "stream"), [{"name": "stdout", "text": "hello, world é\n"}])


def stderr(k):
    equal(k.of('Console.Error.WriteLine("test");', "stream"), [{"name": "stderr", "text": "test\n"}])


def child_output(k):
    found = k.of('System.Diagnostics.Process.Start("echo", "of a child").WaitForExit();', "stream")
    equal(found, [{"name": "stdout", "text": "of a child\n"}])


def result(k):
    reply, outputs = k.run("6 * 7")
    (content,) = [c for kind, c in outputs if kind == "execute_result"]
    equal((content["data"], content["metadata"]), ({"text/plain": "42"}, {}))
    equal(content["execution_count"], reply["execution_count"])
    equal([c["code"] for kind, c in outputs if kind == "execute_input"], ["6 * 7"])


def silent(k):
    before = k.run("1")[0]["execution_count"]
    reply, outputs = k.run("var quiet = 5;", silent=True)
    equal((reply["status"], outputs), ("ok", []))
    reply, outputs = k.run("quiet")
    equal((reply["execution_count"], outputs[-1][1]["data"]["text/plain"]), (before + 1, "5"))


def display(k):
    (content,) = k.of('display(HTML("<b>x</b>"));', "display_data")
    equal(content["data"], {"text/html": "<b>x</b>"})
    assert content["transient"]["display_id"]


def display_update(k):
    reply, outputs = k.run('var d = display("0 %"); d.Update("100 %");')
    (shown,) = [c for kind, c in outputs if kind == "display_data"]
    (updated,) = [c for kind, c in outputs if kind == "update_display_data"]
    equal(updated["transient"], shown["transient"])
    equal(updated["data"], {"text/plain": "100 %"})


def clear_output(k):
    equal(k.of("ClearOutput(wait: true);", "clear_output"), [{"wait": True}])


def error(k):
    reply, outputs = k.run('\nthrow new Exception("trouble");')
    equal((reply["status"], reply["ename"], reply["evalue"]), ("error", "Exception", "trouble"))
    (content,) = [c for kind, c in outputs if kind == "error"]
    equal(content["traceback"], ["Exception: trouble", f"   at cell {reply['execution_count']}, line 2"])


def error_stops_the_queue(k):
    first = k.client.execute('Thread.Sleep(100); throw new Exception();')
    second = k.client.execute("1")
    equal((k.reply(first)["status"], k.reply(second)["status"]), ("error", "aborted"))
    time.sleep(0.2)


def completion(k):
    reply = k.reply(k.client.complete("Console.WriteL", 14))
    equal((reply["status"], reply["matches"], reply["cursor_start"], reply["cursor_end"]), ("ok", ["WriteLine"], 8, 14))


def inspection(k):
    reply = k.reply(k.client.inspect("Math.Sqrt(", 10))
    equal((reply["status"], reply["found"]), ("ok", True))
    contains(reply["data"]["text/plain"], "double Math.Sqrt(double d)")
    equal(k.reply(k.client.inspect("   ", 1))["found"], False)


def completeness(k):
    for code, status in [("1 + 1", "complete"), ("if (true) {", "incomplete"), ("x = )", "invalid")]:
        equal(k.reply(k.client.is_complete(code))["status"], status)


def history(k):
    for code in ("1 + 100;", "1 + 101;", "1 + 100;"):
        k.run(code, store_history=True)

    def codes(**request):
        reply = k.reply(k.client.history(raw=True, output=False, **request))
        equal(reply["status"], "ok")
        return [code for _, _, code in reply["history"]]

    equal(codes(hist_access_type="tail", n=2), ["1 + 101;", "1 + 100;"])
    equal(codes(hist_access_type="search", pattern="1?+?10*", unique=True, n=9), ["1 + 101;", "1 + 100;"])
    assert codes(hist_access_type="range", session=0, start=1, stop=3), "no range"


def interrupt(k):
    k.run("var survivor = 17;")
    reply = k.interrupted('Console.Write("begun"); while (true) { }')
    equal((reply["status"], reply["ename"]), ("error", "Interrupted"))
    equal(k.of("survivor", "execute_result")[0]["data"], {"text/plain": "17"})


def interrupt_by_message(k):
    """interrupt_request, which some front ends send in place of the signal."""
    def send():
        k.client.session.send(k.client.control_channel.socket, "interrupt_request", {})
    reply, _ = k.run('Console.Write("begun"); await Task.Delay(-1);', on_output=send)
    equal((reply["status"], reply["ename"]), ("error", "Interrupted"))


def growth(k):
    """Submissions never unload; a cell that declares nothing may cost 0.3 MB at most, and does far less."""
    cells = 150
    for _ in range(30):
        k.run("1+1")
    before = resident(k)
    for _ in range(cells):
        k.run("1+1")
    grown = (resident(k) - before) / 1e6
    assert grown < 0.3 * cells, f"{grown:.0f} MB over {cells} cells"


def host_that_ends(k):
    k.run("var lost = 1;")
    reply, _ = k.run("Environment.Exit(3);")
    equal((reply["status"], reply["ename"]), ("error", "HostEnded"))
    contains(reply["evalue"], "ended with exit code 3. A new one starts: variables, usings and #r references are lost.")
    contains(k.run("lost")[0]["evalue"], "CS0103")
    equal(k.of("1 + 1", "execute_result")[0]["data"], {"text/plain": "2"})


def host_that_is_killed(k):
    reply, _ = k.run("System.Diagnostics.Process.GetCurrentProcess().Kill();")
    contains(reply["evalue"], "was ended by SIGKILL")
    equal(k.of("1 + 1", "execute_result")[0]["data"], {"text/plain": "2"})


def host_that_does_not_stop(k):
    # Native code that no abort reaches: it reads from a pipe that stays open, and goes on reading when a signal wakes it.
    reply = k.interrupted(
        'Console.WriteLine("begun");\n'
        "var pipe = new System.IO.Pipes.AnonymousPipeServerStream(System.IO.Pipes.PipeDirection.In);\n"
        "pipe.ReadByte();")
    equal((reply["status"], reply["ename"]), ("error", "HostRestarted"))
    contains(reply["evalue"], "did not stop within 5 seconds")
    equal(k.of("1 + 1", "execute_result")[0]["data"], {"text/plain": "2"})


def two_at_once(k, folder):
    other = Kernel(folder)
    try:
        k.run("var mine = 1;")
        contains(other.run("mine")[0]["evalue"], "CS0103")
        equal(k.of("mine", "execute_result")[0]["data"], {"text/plain": "1"})
    finally:
        other.stop()


def stale(folder, old, new):
    """What a cell says where the kernelspec holds `new` for `old`."""
    with tempfile.TemporaryDirectory(prefix="stale é ") as place:
        kernels = shutil.copytree(folder, os.path.join(place, "kernels"))
        spec = os.path.join(kernels, "aim-csharp", "kernel.json")
        with open(spec, encoding="utf-8") as file:
            text = file.read().replace(old, new)
        with open(spec, "w", encoding="utf-8") as file:
            file.write(text)
        kernel = Kernel(kernels)
        try:
            reply, _ = kernel.run("1+1")
            equal((reply["status"], reply["ename"]), ("error", "HostError"))
            return reply["evalue"]
        finally:
            kernel.stop()


def program_that_is_gone(k, folder):
    contains(stale(folder, "aim.dll", "gone.dll"), "gone.dll is not there any more: run 'aim kernel install' again")


def program_that_does_not_start(k, folder):
    contains(stale(folder, '"host"', '"ghost"'), "while it started: run 'aim kernel install' again")


def no_host_is_left(k):
    (content,) = k.of("Environment.ProcessId", "execute_result")
    host = int(content["data"]["text/plain"])
    k.stop()
    for _ in range(100):
        try:
            os.kill(host, 0)
        except ProcessLookupError:
            return
        time.sleep(0.1)
    raise AssertionError(f"host {host} lives on")


def main(folder):
    kernel = Kernel(folder)
    checks = [
        kernel_info, stdout, stderr, child_output, result, silent, display, display_update, clear_output, error,
        error_stops_the_queue, completion, inspection, completeness, history, growth, interrupt, interrupt_by_message,
        host_that_ends, host_that_is_killed, host_that_does_not_stop, two_at_once, program_that_is_gone,
        program_that_does_not_start, no_host_is_left]
    for check in checks:
        trouble = None
        try:
            check(kernel, folder) if "folder" in check.__code__.co_varnames[:2] else check(kernel)
        except Exception as failure:  # the next checks tell more
            trouble = f"{type(failure).__name__}: {failure}"
        print(json.dumps({"check": check.__name__, "error": trouble}), flush=True)


if __name__ == "__main__":
    signal.alarm(8 * 60)
    main(sys.argv[1])
