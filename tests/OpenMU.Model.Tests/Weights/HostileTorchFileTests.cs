using System.IO.Compression;
using System.Text;
using CsCheck;
using OpenMU.Model.Weights;
using OpenMU.Testing;
using TorchSharp;
using static TorchSharp.torch;

namespace OpenMU.Model.Tests.Weights;

/// <summary>Files that somebody made to run a program, to read what is not theirs, or to fill the memory.</summary>
public sealed class HostileTorchFileTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();
    private readonly string path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());

    public void Dispose()
    {
        scope.Dispose();
        File.Delete(path);
    }

    [Theory]
    [InlineData("cos\nsystem\n(X\u0004\0\0\0truetR.", "os.system")]
    [InlineData("cbuiltins\neval\n(X\u0004\0\0\0truetR.", "builtins.eval")]
    [InlineData("c__builtin__\ngetattr\n.", "__builtin__.getattr")]
    [InlineData("(ios\nsystem\n.", "os.system")]
    [InlineData("X\u0005\0\0\0posixX\u0006\0\0\0system\u0093)R.", "posix.system")]
    [InlineData("ctorch.storage\n_load_from_bytes\n.", "torch.storage._load_from_bytes")]
    [InlineData(
        "ctorch._utils\n_rebuild_device_tensor_from_numpy\n.", "torch._utils._rebuild_device_tensor_from_numpy")]
    [InlineData("ccollections\nOrderedDict.__class__\n.", "collections.OrderedDict.__class__")]
    public void A_pickle_that_names_a_function_is_refused_by_that_name(string program, string name)
    {
        WriteZip(Latin(program));
        Opening().Should().Throw<InvalidDataException>().WithMessage($"*{path}*names {name},*nothing was run*");
    }

    [Theory]
    [InlineData("\u0082\u0001.", "*instruction 0x82*")]    // EXT1: a name by number
    [InlineData("}}s.", "*empty stack*")]
    [InlineData("}(s.", "*empty stack*")]
    [InlineData("h\u0007.", "*value 7, which it never stored*")]
    [InlineData("t.", "*group it never opened*")]
    [InlineData("NNR.", "*calls what cannot be called*")]
    [InlineData("NNa.", "*no list*")]
    [InlineData("(K\u0001K\u0002u.", "*empty stack*")]
    [InlineData("}(NK\u0002u.", "*key*")]
    [InlineData("}}.", "*left over*")]
    [InlineData("X\u00ff\u00ff\u00ff\u00ffabc.", "*text of 4294967295 bytes*")]
    [InlineData("X\u00ff\u0000\u0000\u0000abc.", "*cut off*")]
    [InlineData("}", "*cut off*")]
    [InlineData("K", "*cut off*")]
    [InlineData("].", "*no dictionary*")]
    [InlineData("}.", "*no tensors*")]
    [InlineData("(X\u0003\0\0\0abctQ.", "*storage in an unusual way*")]
    [InlineData("NQ.", "*storage in an unusual way*")]
    public void A_damaged_or_senseless_pickle_is_one_clear_error(string program, string message)
    {
        WriteZip(Latin(program));
        Opening().Should().Throw<InvalidDataException>().WithMessage(message);
    }

    [Fact]
    public void Nesting_and_length_of_a_pickle_are_bounded()
    {
        WriteZip(Latin(new string('(', 5000) + "."));
        Opening().Should().Throw<InvalidDataException>().WithMessage("*deeper than 1000*");
        WriteZip([.. Enumerable.Repeat((byte)'N', 4_100_000)]);
        Opening().Should().Throw<InvalidDataException>().WithMessage("*more than 4000000 instructions*");
    }

    [Fact]
    public void A_list_that_contains_itself_is_no_trap()
    {
        WriteZip([.. Latin("}X\u0005\0\0\0model]q\u0000h\u0000as."), .. new byte[1]]);
        Opening().Should().Throw<InvalidDataException>().WithMessage("*no tensors*");
    }

    [Theory]
    [InlineData(0, "4", "1", "count 4 of 4", null)]
    [InlineData(0, "5,0", "1,1", "nothing of it is read", null)]
    [InlineData(9, "0", "1", "nothing of it is read", null)]
    [InlineData(0, "2147483647,0", "1,1", "more than the file has bytes", "*leaves its storage*")]
    [InlineData(1, "4", "1", "offset", "*leaves its storage*")]
    [InlineData(0, "5", "1", "size", "*leaves its storage*")]
    [InlineData(0, "2", "4", "stride", "*leaves its storage*")]
    [InlineData(0, "2147483647", "0", "repeated element", "*leaves its storage*")]
    [InlineData(0, "65535,65535,65535,65535,65535", "0,0,0,0,0", "overflow", "*leaves its storage*")]
    [InlineData(0, "2,2", "2147483647,2147483647", "far", "*leaves its storage*")]
    [InlineData(-1, "2", "1", "negative offset", "*unusual way*")]
    [InlineData(0, "-2", "1", "negative size", "*unusual way*")]
    [InlineData(3, "2", "-1", "negative stride", "*unusual way*")]
    [InlineData(0, "2,2", "1", "ranks differ", "*unusual way*")]
    [InlineData(
        0, "1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1", "1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1", "dimensions", "*unusual way*")]
    public void A_tensor_stays_within_its_storage(int offset, string sizes, string strides, string why, string? message)
    {
        WriteZip(TensorPickle("0", 4, offset, Numbers(sizes), Numbers(strides)), ("0", new byte[16]));
        if (message is null) Opening().Should().NotThrow(why);
        else Opening().Should().Throw<InvalidDataException>(why).WithMessage(message);
    }

    [Theory]
    [InlineData(4, 12, "*12 bytes for the storage '0'*")]
    [InlineData(2_000_000_000, 16, "*claims 2000000000 elements*")]
    [InlineData(-1, 16, "*claims -1 elements*")]
    public void A_storage_has_the_size_that_the_pickle_says(int claimed, int bytes, string message)
    {
        WriteZip(TensorPickle("0", claimed, 0, [1], [1]), ("0", new byte[bytes]));
        Opening().Should().Throw<InvalidDataException>().WithMessage(message);
    }

    [Fact]
    public void A_storage_that_is_not_there_is_named()
    {
        WriteZip(TensorPickle("../../7", 4, 0, [4], [1]), ("0", new byte[16]));
        Opening().Should().Throw<InvalidDataException>().WithMessage("*lacks the storage '../../7'*");
    }

    [Fact]
    public void Compressed_entries_are_refused_so_nothing_can_swell()
    {
        using (var zip = new ZipArchive(File.Create(path), ZipArchiveMode.Create))
        {
            using var entry = zip.CreateEntry("a/data.pkl", CompressionLevel.SmallestSize).Open();
            entry.Write(new byte[10_000_000]);
        }
        new FileInfo(path).Length.Should().BeLessThan(20_000);
        Opening().Should().Throw<InvalidDataException>().WithMessage("*compressed entry 'a/data.pkl'*");
    }

    [Fact]
    public void Two_entries_of_one_name_are_refused()
    {
        WriteZip(TensorPickle("0", 4, 0, [4], [1]), ("0", new byte[16]), ("0", new byte[16]));
        Opening().Should().Throw<InvalidDataException>().WithMessage("*two entries 'a/data/0'*");
    }

    [Fact]
    public void Entries_that_lie_upon_each_other_are_refused()
    {
        WriteZip(TensorPickle("0", 4, 0, [4], [1]), ("0", new byte[16]), ("1", new byte[16]));
        var bytes = File.ReadAllBytes(path);
        // In the directory the first storage becomes so long that it ends within the second.
        var entry = bytes.AsSpan().LastIndexOf("a/data/0"u8) - 46;
        BitConverter.TryWriteBytes(bytes.AsSpan(entry + 20), 70);
        BitConverter.TryWriteBytes(bytes.AsSpan(entry + 24), 70);
        File.WriteAllBytes(path, bytes);
        Opening().Should().Throw<InvalidDataException>().WithMessage("*'a/data/1' upon another*");
    }

    [Fact]
    public void An_entry_that_has_another_name_in_its_place_is_refused()
    {
        WriteZip(TensorPickle("0", 4, 0, [4], [1]), ("0", new byte[16]), ("1", new byte[16]));
        var bytes = File.ReadAllBytes(path);
        BitConverter.TryWriteBytes(
            bytes.AsSpan(bytes.AsSpan().LastIndexOf("a/data/1"u8) - 4), bytes.AsSpan().IndexOf("a/data/0"u8) - 30);
        File.WriteAllBytes(path, bytes);
        Opening().Should().Throw<InvalidDataException>().WithMessage("*'a/data/1' by another name*");
    }

    [Theory]
    [InlineData("zip")]
    [InlineData("legacy")]
    public void A_file_cut_off_anywhere_is_an_error_that_names_it(string format)
    {
        var whole = File.ReadAllBytes(Golden.PathOf($"audiomae/pickle/variants_{format}.pth"));
        Gen.Int[0, whole.Length - 1].Sample(length =>
        {
            File.WriteAllBytes(path, whole[..length]);
            Opening().Should().Throw<InvalidDataException>($"{length} bytes").WithMessage($"*{path}*");
        }, iter: 200, threads: 1);
    }

    [Theory]
    [InlineData("zip")]
    [InlineData("legacy")]
    public void A_file_with_changed_bytes_is_read_or_refused_and_nothing_else(string format)
    {
        var whole = File.ReadAllBytes(Golden.PathOf($"audiomae/pickle/variants_{format}.pth"));
        Gen.Select(Gen.Int[0, whole.Length - 1], Gen.Byte).Array[1, 8].Sample(changes =>
        {
            var bytes = whole.ToArray();
            foreach (var (at, value) in changes) bytes[at] = value;
            File.WriteAllBytes(path, bytes);
            try
            {
                using var file = TorchFile.Open(path);
                foreach (var tensor in file.NamedTensors())
                    tensor.Blocks().Sum(block => block.numel()).Should().Be(tensor.Count);
            }
            catch (InvalidDataException e)
            {
                e.Message.Should().Contain(path);
            }
        }, iter: 500, threads: 1);
    }

    private Action Opening() => () => TorchFile.Open(path).Dispose();

    private static long[] Numbers(string text) => [.. text.Split(',').Select(long.Parse)];

    private static byte[] Latin(string text) => Encoding.Latin1.GetBytes(text);

    /// <summary>{"w": tensor}, as torch.save writes it.</summary>
    private static byte[] TensorPickle(string key, long count, long offset, long[] sizes, long[] strides)
    {
        var bytes = new List<byte>();
        void Raw(string text) => bytes.AddRange(Latin(text));
        void Text(string text)
        {
            Raw("X");
            bytes.AddRange(BitConverter.GetBytes(text.Length));
            Raw(text);
        }
        void Number(long value)
        {
            Raw("J");
            bytes.AddRange(BitConverter.GetBytes((int)value));
        }
        void Tuple(long[] values)
        {
            Raw("(");
            foreach (var value in values) Number(value);
            Raw("t");
        }
        Raw("\u0080\u0002}");
        Text("w");
        Raw("ctorch._utils\n_rebuild_tensor_v2\n((");
        Text("storage");
        Raw("ctorch\nFloatStorage\n");
        Text(key);
        Text("cpu");
        Number(count);
        Raw("tQ");
        Number(offset);
        Tuple(sizes);
        Tuple(strides);
        Raw("\u0089ccollections\nOrderedDict\n)RtRs.");
        return [.. bytes];
    }

    private void WriteZip(byte[] pickle, params (string Key, byte[] Bytes)[] storages)
    {
        using var zip = new ZipArchive(File.Create(path), ZipArchiveMode.Create);
        Write("a/data.pkl", pickle);
        foreach (var (key, bytes) in storages) Write($"a/data/{key}", bytes);

        void Write(string name, byte[] bytes)
        {
            using var entry = zip.CreateEntry(name, CompressionLevel.NoCompression).Open();
            entry.Write(bytes);
        }
    }
}
