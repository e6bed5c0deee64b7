using Aim.Datasets;
using Aim.Models;

namespace Aim.Fusion.Tests;

/// <summary>Hosts of the lab's shapes with random weights, made once and kept: nothing here may change them.</summary>
[SetUpFixture]
internal sealed class LabHosts
{
    private static readonly Dictionary<LabModelKind, (MultimodalFusionHost Host, string Directory)> s_hosts = [];

    public static LabModelKind[] Kinds => [LabModelKind.Single, LabModelKind.SingleB];

    public static MultimodalFusionHost Lab => Of(LabModelKind.Single);

    public static MultimodalFusionHost Of(LabModelKind kind)
    {
        lock (s_hosts)
        {
            if (s_hosts.TryGetValue(kind, out var known))
                return known.Host;
            string directory = NewDirectory();
            LabCheckpoint.Write(directory, kind);
            using (var model = MultimodalModel.Create(MultimodalConfig.Load(directory), 7, trainable: false))
                model.Save(directory, ScalarType.Float32);
            var host = MultimodalFusionHost.Of(MultimodalModel.Load(directory));
            s_hosts.Add(kind, (host, directory));
            return host;
        }
    }

    public static string NewDirectory() => Directory.CreateTempSubdirectory("aim-fusion-").FullName;

    /// <summary>A picture of noise, another for each seed.</summary>
    public static RgbImage Picture(int seed)
    {
        byte[] rgb = new byte[LabWorld.Canvas * LabWorld.Canvas * 3];
        new Random(seed).NextBytes(rgb);
        return new RgbImage(LabWorld.Canvas, LabWorld.Canvas, rgb);
    }

    /// <summary>A demonstration of a picture and a label.</summary>
    public static Demonstration Demonstration(int seed, string label = " gipu", string instruction = ":")
        => new(Picture(seed), instruction, label);

    [OneTimeTearDown]
    public void CleanUp()
    {
        foreach (var (host, directory) in s_hosts.Values)
        {
            host.Model.Dispose();
            Directory.Delete(directory, recursive: true);
        }
    }
}
