namespace Aim.Parity.Ops;

internal static partial class OperationTable
{
    private static void AddShaping()
    {
        Add("Tensor.view",
            ("Tensor input, *ints size|shape", a => a["input"].view(a.Ints("size"))),
            ("Tensor input, dtype dtype", _ => throw new NotExpressibleException("view(dtype)")));
        Add("Tensor.view_as", ("Tensor input, Tensor other", a => a["input"].view_as(a["other"])));
        Add("torch.reshape", ("Tensor input, ints shape", a => reshape(a["input"], a.Ints("shape"))));
        Add("Tensor.reshape", ("Tensor input, *ints shape", a => a["input"].reshape(a.Ints("shape"))));
        Add("Tensor.reshape_as", ("Tensor input, Tensor other", a => a["input"].reshape(a["other"].shape)));
        Add("torch.permute", ("Tensor input, ints dims", a => permute(a["input"], a.Ints("dims"))));
        Add("Tensor.permute", ("Tensor input, *ints dims", a => a["input"].permute(a.Ints("dims"))));
        Both("transpose swapaxes swapdims", ("Tensor input, int dim0|axis0, int dim1|axis1", a =>
            transpose(a["input"], a.Int("dim0"), a.Int("dim1"))));
        Both("t", ("Tensor input", a => t(a["input"])));
        Both("movedim moveaxis", ("Tensor input, ints source, ints destination", a =>
            movedim(a["input"], a.Ints("source"), a.Ints("destination"))));
        Both("squeeze",
            ("Tensor input", a => squeeze(a["input"])),
            ("Tensor input, int dim", a => squeeze(a["input"], a.Int("dim"))),
            ("Tensor input, ints dim", a => Distinct(a.Ints("dim"), a["input"].dim()).OrderDescending()
                .Aggregate(a["input"], (x, d) => x.squeeze(d))));
        Both("unsqueeze", ("Tensor input, int dim", a => unsqueeze(a["input"], a.Int("dim"))));
        Both("flatten", ("Tensor input, int start_dim=0, int end_dim=-1", a =>
            flatten(a["input"], a.Int("start_dim"), a.Int("end_dim"))));
        Both("ravel", ("Tensor input", a => a["input"].reshape(-1)));
        Both("unflatten", ("Tensor input, int dim, ints sizes", a => unflatten(a["input"], a.Int("dim"), a.Ints("sizes"))));
        Add("Tensor.expand", ("Tensor input, *ints size, *, bool implicit=False", a => a["input"].expand(a.Ints("size"))));
        Add("Tensor.expand_as", ("Tensor input, Tensor other", a => a["input"].expand_as(a["other"])));
        Both("broadcast_to", ("Tensor input, ints size|shape", a => broadcast_to(a["input"], a.Ints("size"))));
        Add("Tensor.contiguous", ("Tensor input, *, any memory_format=None", a =>
        {
            a.Only("memory_format", null);
            return a["input"].contiguous();
        }
        ));
        Both("clone", ("Tensor input, *, any memory_format=None", a =>
        {
            a.Only("memory_format", null);
            return clone(a["input"]);
        }
        ));
        Add("Tensor.repeat", ("Tensor input, *ints repeats|sizes", a => a["input"].repeat(a.Ints("repeats"))));
        Add("torch.tile", ("Tensor input, ints dims", a => tile(a["input"], a.Ints("dims"))));
        Add("Tensor.tile", ("Tensor input, *ints dims", a => a["input"].tile(a.Ints("dims"))));
        Both("repeat_interleave",
            ("Tensor input, int repeats, int dim=None, *, int output_size=None", a =>
                repeat_interleave(a["input"], a.Int("repeats"), a.IntOrNull("dim"), a.IntOrNull("output_size"))),
            ("Tensor input, Tensor repeats, int dim=None, *, int output_size=None", a =>
                repeat_interleave(a["input"], a["repeats"], a.IntOrNull("dim"), a.IntOrNull("output_size"))));
        Add("torch.flip", ("Tensor input, ints dims", a => flip(a["input"], a.Ints("dims"))));
        Add("Tensor.flip", ("Tensor input, *ints dims", a => a["input"].flip(a.Ints("dims"))));
        Both("roll", ("Tensor input, ints shifts, ints dims=()", a => (a.Ints("shifts"), a.Ints("dims")) is var (shifts, dims)
            && dims.Length == 0 && shifts is [var one]
                ? roll(a["input"], one)
                : roll(a["input"], a.Ints("shifts"), a.Ints("dims"))));
        WithInPlace("tril", ("Tensor input, int diagonal=0", a => tril(a["input"], a.Int("diagonal"))));
        WithInPlace("triu", ("Tensor input, int diagonal=0", a => triu(a["input"], a.Int("diagonal"))));
        Both("diag", ("Tensor input, int diagonal=0", a => diag(a["input"], a.Int("diagonal"))));
        Both("diag_embed", ("Tensor input, int offset=0, int dim1=-2, int dim2=-1", a =>
            diag_embed(a["input"], a.Int("offset"), a.Int("dim1"), a.Int("dim2"))));
        Both("diagonal", ("Tensor input, int offset=0, int dim1=0, int dim2=1", a =>
            diagonal(a["input"], a.Int("offset"), a.Int("dim1"), a.Int("dim2"))));
    }

    private static void AddParts()
    {
        Add("Tensor.slice", ("Tensor input, int dim=0, int start=None, int end=None, int step=1", a =>
            a["input"].slice(a.Int("dim"), a.IntOrNull("start") ?? 0, a.IntOrNull("end") ?? long.MaxValue, a.Int("step"))));
        Add("Tensor.unfold", ("Tensor input, int dimension, int size, int step", a =>
            a["input"].unfold(a.Int("dimension"), a.Int("size"), a.Int("step"))));
        Both("narrow", ("Tensor input, int dim, int start, int length", a =>
            narrow(a["input"], a.Int("dim"), a.Int("start"), a.Int("length"))));
        Both("select", ("Tensor input, int dim, int index", a => select(a["input"], a.Int("dim"), a.Int("index"))));
        Both("unbind", ("Tensor input, int dim=0", a => Tuple(unbind(a["input"], a.Int("dim")))));
        Both("chunk", ("Tensor input, int chunks, int dim=0", a => Tuple(chunk(a["input"], a.Int("chunks"), a.Int("dim")))));
        Both("split",
            ("Tensor input|tensor, int split_size_or_sections|split_size, int dim=0", a => Tuple(
                a["input"].split(a.Int("split_size_or_sections"), (int)Distinct([a.Int("dim")], a["input"].dim())[0]))),
            ("Tensor input|tensor, ints split_size_or_sections|split_size, int dim=0", a =>
                Tuple(a["input"].split(a.Ints("split_size_or_sections"), a.Int("dim")))));
        Add("torch.cat torch.concat torch.concatenate", ("Tensors tensors, int dim|axis=0", a =>
            cat(a.Tensors("tensors"), a.Int("dim"))));
        Add("torch.stack", ("Tensors tensors, int dim=0", a => stack(a.Tensors("tensors"), a.Int("dim"))));
        Add("torch.vstack torch.row_stack", ("Tensors tensors", a => vstack(a.Tensors("tensors"))));
        Add("torch.hstack", ("Tensors tensors", a => hstack(a.Tensors("tensors"))));
    }
}
