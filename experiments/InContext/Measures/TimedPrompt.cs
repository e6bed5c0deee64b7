using System.Diagnostics;
using Aim.Datasets;
using Aim.Fusion;
using Aim.Models;

namespace Aim.Experiments.InContext.Measures;

/// <summary>What one run of a prompt took.</summary>
/// <param name="Prepared">Seconds until the decoder's input stands: pictures, aggregates, projection.</param>
/// <param name="Prefill">Seconds of the decoder, to the first token's logits.</param>
/// <param name="Flops">FLOPs of products and attention that the kernels counted.</param>
/// <param name="Logits">The logits.</param>
internal readonly record struct TimedRun(double Prepared, double Prefill, long Flops, float[] Logits)
{
    /// <summary>Seconds to the first token.</summary>
    public double Total => Prepared + Prefill;
}

/// <summary>
/// One query behind its demonstrations as a server would meet it again and again, in one of four ways: all pictures in the
/// context; the demonstrations' keys and values kept from before (KV-prefix caching); fused, the demonstrations read anew (cold);
/// fused, found in the bank (warm). What a server has from before is made here, and not timed.
/// </summary>
internal sealed class TimedPrompt : IDisposable
{
    private readonly EpisodePrompts _prompts;
    private readonly Demonstration[] _demonstrations;
    private readonly RgbImage _picture;
    private readonly string _text;
    private readonly Aggregator _reader;
    private readonly DemonstrationBank? _bank;
    private readonly PrefillResult? _prefix;
    private readonly KvMark? _mark;

    /// <param name="prompts">The condition.</param>
    /// <param name="episode">Demonstrations and query.</param>
    /// <param name="shots">How many demonstrations.</param>
    /// <param name="bank">Opens the bank that keeps aggregates; asked only where the condition has one.</param>
    public TimedPrompt(EpisodePrompts prompts, LabEpisode episode, int shots, Func<Aggregator, DemonstrationBank> bank)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        LabShot[] shown = [.. episode.Shots.Take(shots)];
        (_prompts, _demonstrations) = (prompts, prompts.Demonstrations(shown, shown));
        (_picture, _text) = (StoryDocuments.Picture(episode.Query.Picture), episode.Query.Instruction);
        _reader = new Aggregator(prompts.Host, prompts.Condition.States);
        switch (prompts.Condition.Reuse)
        {
            case Reuse.Bank:
                _bank = bank(_reader);
                _bank.Aggregate(_demonstrations);
                break;
            case Reuse.Prefix when shots > 0:
                var packed = InContextPrompt.Prefix(prompts.Host, _demonstrations);
                _prefix = prompts.Host.Model.Language.Prefill(packed.Embeds.unsqueeze(0), [packed.Layout]);
                _mark = _prefix.Cache.Mark();
                break;
        }
    }

    /// <summary>Bytes that are kept in memory for the demonstrations between prompts.</summary>
    public long Held => _prefix?.Cache.Bytes ?? 0;

    /// <summary>What the bank has done.</summary>
    public BankUse? Use => _bank?.Use;

    /// <summary>Runs the prompt to the first token's logits.</summary>
    public TimedRun Run()
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var language = _prompts.Host.Model.Language;
        using var counted = FlopCounter.Measure();
        var clock = Stopwatch.StartNew();
        var packed = Packed();
        double prepared = clock.Elapsed.TotalSeconds;
        clock.Restart();
        Tensor logits;
        if (_prefix is not null)
        {
            logits = language.Extend(packed.Embeds.unsqueeze(0), [packed.Layout], _prefix.Cache);
            _prefix.Cache.Rewind(_mark!);
        }
        else
        {
            using var prefill = language.Prefill(packed.Embeds.unsqueeze(0), [packed.Layout], _prompts.Pruner(1));
            logits = prefill.Logits.clone();
        }

        double prefilled = clock.Elapsed.TotalSeconds;
        return new TimedRun(prepared, prefilled, counted.Matmul, logits.cpu().data<float>().ToArray());
    }

    /// <summary>Closes bank and cache.</summary>
    public void Dispose()
    {
        _bank?.Dispose();
        _prefix?.Dispose();
    }

    private PackedSequence Packed()
    {
        var host = _prompts.Host;
        if (_prompts.Condition.Form == Form.Fused)
        {
            return InContextPrompt.Fused(
                host, _prompts.Fuse((IAggregateSource?)_bank ?? _reader, _demonstrations), _picture, _text, _prompts.See);
        }

        return _prefix is not null
            ? InContextPrompt.Query(host, _picture, _text, _prompts.See)
            : InContextPrompt.Raw(host, _demonstrations, _picture, _text, _prompts.See);
    }
}
