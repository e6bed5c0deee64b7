using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;

namespace Aim.Notebooks.Tests.Browser;

/// <summary>
/// The classic notebook's server on a free port, seen by nobody without its token; ended with all that it started.
/// </summary>
internal sealed class NotebookServer : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly Process _process;
    private readonly Task<string> _said;
    private string _base = "", _token = "";

    private NotebookServer(Process process)
    {
        _process = process;
        process.OutputDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        _said = process.StandardError.ReadToEndAsync();
    }

    /// <summary>Starts it on the kernel's folder and waits until it answers.</summary>
    public static async Task<NotebookServer> StartAsync(InstalledKernel kernel)
    {
        var process = kernel.Start("-m", "notebook", "--no-browser", "--allow-root", "--ip=127.0.0.1", $"--port={FreePort()}",
            "--NotebookApp.enable_mathjax=False", "--NotebookApp.notebook_dir=.");
        var server = new NotebookServer(process);
        try
        {
            await server.ListenAsync(kernel.Runtime);
        }
        catch
        {
            server.Dispose();
            throw;
        }

        return server;
    }

    /// <summary>Where a notebook of its folder is.</summary>
    public string Address(string notebook) => $"{_base}notebooks/{notebook}?token={_token}";

    public void Dispose()
    {
        // Kernels are in sessions of their own, but still its children.
        _process.Kill(entireProcessTree: true);
        _process.WaitForExit();
        _process.Dispose();
    }

    // The server writes where it is, and with which token, into its runtime folder.
    private async Task ListenAsync(string runtime)
    {
        using var http = new HttpClient();
        for (var clock = Stopwatch.StartNew(); clock.Elapsed < Patience; await Task.Delay(100))
        {
            if (_process.HasExited)
                break;
            try
            {
                string file = Path.Combine(runtime, $"nbserver-{_process.Id}.json");
                var said = JsonNode.Parse(await File.ReadAllTextAsync(file))!;
                (_base, _token) = ((string)said["url"]!, (string)said["token"]!);
                using var answer = await http.GetAsync(new Uri($"{_base}api?token={_token}"));
                if (answer.IsSuccessStatusCode)
                    return;
            }
            catch (Exception notYet) when (notYet is IOException or System.Text.Json.JsonException or HttpRequestException)
            {
            }
        }

        bool ended = _process.HasExited;
        _process.Kill(entireProcessTree: true);
        Assert.Fail($"the notebook server {(ended ? "ended" : "did not answer in time")}:\n{await _said}");
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
