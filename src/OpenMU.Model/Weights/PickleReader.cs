// PickleReader.cs - a restricted reader of Python's pickle format: the opcodes that checkpoints use, on a stack and a
// memo. A pickle is a program for a virtual machine. This one can build numbers, strings, lists, tuples and
// dictionaries, and call only what its caller provides by name; every other name is an error, whichever opcode refers
// to it. Nothing is imported and nothing is looked up by reflection.
using System.Buffers.Binary;
using System.Numerics;
using System.Text;

namespace OpenMU.Model.Weights;

/// <summary>Something a pickle may call: arguments in, value out.</summary>
internal delegate object? PickleCall(object?[] arguments);

/// <summary>A dictionary of a pickle, in the order of insertion. Integer keys become decimal strings.</summary>
internal class PickleDictionary : OrderedDictionary<string, object?>;

/// <summary>The attributes of an argparse.Namespace, in which training scripts store their options.</summary>
internal sealed class PickleNamespace : PickleDictionary;

/// <summary>
/// Reads consecutive pickles (protocols 2 to 4) from a stream. Values are null, bool, long,
/// <see cref="BigInteger"/>, double, string, object?[] for tuples, List&lt;object?&gt;,
/// <see cref="PickleDictionary"/>, and whatever the calls return.
/// </summary>
/// <param name="stream">Positioned at the start of a pickle; after reading, at its end.</param>
/// <param name="path">For messages.</param>
/// <param name="names">The allowed globals, "torch FloatStorage" for example. Those that are a <see cref="PickleCall"/>
/// may be called.</param>
/// <param name="load">Persistent id -> object.</param>
internal sealed class PickleReader(
    Stream stream, string path, IReadOnlyDictionary<string, object> names, Func<object?, object?> load)
{
    private const int MaximumInstructions = 4_000_000;
    private const int MaximumMarks = 1000;
    private const int MaximumTextBytes = 1 << 20;

    private readonly List<object?> stack = [];
    private readonly Stack<int> marks = new();
    private readonly Dictionary<uint, object?> memo = [];
    private readonly byte[] buffer = new byte[8];
    private int instructions;

    /// <exception cref="InvalidDataException">The pickle refers to a global that is not allowed, uses an unsupported
    /// opcode, is truncated or too large.</exception>
    public object? Read()
    {
        stack.Clear();
        marks.Clear();
        memo.Clear();
        while (true)
        {
            if (++instructions > MaximumInstructions) throw Error($"has more than {MaximumInstructions} instructions");
            var code = ReadByte();
            if (code == '.')
                return stack.Count == 1 && marks.Count == 0 ? stack[0] : throw Error("ends with values left over");
            if (!ReadScalar(code) && !ReadText(code) && !UseMemo(code) && !Build(code) && !Call(code))
                throw Error($"uses the instruction 0x{code:x2}, which no checkpoint needs");
        }
    }

    private bool ReadScalar(int code)
    {
        switch (code)
        {
            case 0x80: ReadByte(); return true;                                                      // PROTO
            case 0x95: Bytes(8); return true;                                                        // FRAME
            case 'N': Push(null); return true;
            case 0x88: Push(true); return true;
            case 0x89: Push(false); return true;
            case 'K': Push((long)ReadByte()); return true;                                           // BININT1
            case 'M': Push((long)BinaryPrimitives.ReadUInt16LittleEndian(Bytes(2))); return true;    // BININT2
            case 'J': Push((long)BinaryPrimitives.ReadInt32LittleEndian(Bytes(4))); return true;     // BININT
            case 'G': Push(BinaryPrimitives.ReadDoubleBigEndian(Bytes(8))); return true;             // BINFLOAT
            case 0x8a:                                                                               // LONG1
                var big = new BigInteger(Text(ReadByte()));
                Push(big >= long.MinValue && big <= long.MaxValue ? (long)big : big);
                return true;
            default: return false;
        }
    }

    private bool ReadText(int code)
    {
        switch (code)
        {
            case 'X': Push(Utf8(BinaryPrimitives.ReadUInt32LittleEndian(Bytes(4)))); return true;    // BINUNICODE
            case 0x8c: Push(Utf8(ReadByte())); return true;                                          // SHORT_BINUNICODE
            default: return false;
        }
    }

    private bool UseMemo(int code)
    {
        switch (code)
        {
            case 'q': memo[(uint)ReadByte()] = Top(); return true;                                   // BINPUT
            case 'r': memo[BinaryPrimitives.ReadUInt32LittleEndian(Bytes(4))] = Top(); return true;  // LONG_BINPUT
            case 0x94: memo[(uint)memo.Count] = Top(); return true;                                  // MEMOIZE
            case 'h': Push(FromMemo((uint)ReadByte())); return true;                               // BINGET
            case 'j': Push(FromMemo(BinaryPrimitives.ReadUInt32LittleEndian(Bytes(4)))); return true; // LONG_BINGET
            default: return false;
        }
    }

    private bool Build(int code)
    {
        switch (code)
        {
            case '(':
                if (marks.Count == MaximumMarks) throw Error($"nests deeper than {MaximumMarks}");
                marks.Push(stack.Count);
                return true;
            case ')': Push(Array.Empty<object?>()); return true;
            case ']': Push(new List<object?>()); return true;
            case '}': Push(new PickleDictionary()); return true;
            case 't': Push(AboveMark()); return true;                                                // TUPLE
            case 0x85: Push(Pop(1)); return true;                                                    // TUPLE1
            case 0x86: Push(Pop(2)); return true;
            case 0x87: Push(Pop(3)); return true;
            case 'a': Append(Pop(1)); return true;                                                   // APPEND
            case 'e': Append(AboveMark()); return true;                                              // APPENDS
            case 's': Set(Pop(2)); return true;                                                      // SETITEM
            case 'u': Set(AboveMark()); return true;                                                 // SETITEMS
            default: return false;
        }
    }

    private bool Call(int code)
    {
        switch (code)
        {
            case 'c': Push(Named(Line(), Line())); return true;            // GLOBAL
            case 'i': Named(Line(), Line()); return false;                 // INST: refused, by name if it has a bad one
            case 0x93:                                                     // STACK_GLOBAL
                Push(Pop(2) is [string module, string name]
                    ? Named(module, name)
                    : throw Error("names something by what is no text"));
                return true;
            case 'R' or 0x81:                                                                        // REDUCE, NEWOBJ
                Push(Pop(2) is [PickleCall call, object?[] arguments]
                    ? call(arguments)
                    : throw Error("calls what cannot be called"));
                return true;
            case 'b': SetState(Pop(1)[0]); return true;                                              // BUILD
            case 'Q': Push(load(Pop(1)[0])); return true;                                            // BINPERSID
            default: return false;
        }
    }

    private object Named(string module, string name)
        => names.TryGetValue($"{module} {name}", out var value)
            ? value
            : throw Error($"names {module}.{name}, which has no place among tensors; nothing was run");

    /// <summary>The attributes of a namespace are kept; those of dictionaries and tensors are ignored.</summary>
    private void SetState(object? state)
    {
        if (Top() is not PickleNamespace target) return;
        if (state is not PickleDictionary attributes) throw Error("gives a namespace something else than attributes");
        foreach (var (name, value) in attributes) target[name] = value;
    }

    private void Append(object?[] items)
    {
        if (Top() is not List<object?> list) throw Error("appends to what is no list");
        list.AddRange(items);
    }

    private void Set(object?[] items)
    {
        if (Top() is not PickleDictionary dictionary || items.Length % 2 != 0)
            throw Error("sets items of what is no dictionary");
        for (var i = 0; i < items.Length; i += 2)
        {
            dictionary[items[i] switch
            {
                string text => text,
                long number => $"{number}",
                _ => throw Error("has a key that is neither text nor number")
            }] = items[i + 1];
        }
    }

    private object? FromMemo(uint index) => memo.TryGetValue(index, out var value)
        ? value
        : throw Error($"asks for value {index}, which it never stored");

    private void Push(object? value) => stack.Add(value);

    private object? Top() => stack.Count > Floor ? stack[^1] : throw Error("takes from an empty stack");

    private int Floor => marks.Count == 0 ? 0 : marks.Peek();

    private object?[] Pop(int count)
    {
        if (stack.Count - count < Floor) throw Error("takes from an empty stack");
        object?[] values = [.. stack[^count..]];
        stack.RemoveRange(stack.Count - count, count);
        return values;
    }

    private object?[] AboveMark()
    {
        if (marks.Count == 0) throw Error("closes a group it never opened");
        var values = Pop(stack.Count - marks.Peek());
        marks.Pop();
        return values;
    }

    private int ReadByte() => stream.ReadByte() is >= 0 and var value ? value : throw Error("is cut off");

    private ReadOnlySpan<byte> Bytes(int count)
    {
        if (stream.ReadAtLeast(buffer.AsSpan(0, count), count, throwOnEndOfStream: false) < count)
            throw Error("is cut off");
        return buffer.AsSpan(0, count);
    }

    private byte[] Text(uint length)
    {
        if (length > MaximumTextBytes) throw Error($"has a text of {length} bytes");
        if (length > stream.Length - stream.Position) throw Error("is cut off");
        var bytes = new byte[length];
        stream.ReadExactly(bytes);
        return bytes;
    }

    private byte[] Text(int length) => Text((uint)length);

    private string Utf8(uint length) => Encoding.UTF8.GetString(Text(length));

    private string Utf8(int length) => Utf8((uint)length);

    private string Line()
    {
        var line = new StringBuilder();
        for (var next = ReadByte(); next != '\n'; next = ReadByte())
        {
            if (line.Length == 256) throw Error("has a name of more than 256 characters");
            line.Append((char)next);
        }
        return line.ToString();
    }

    private InvalidDataException Error(string what) => new($"{path}: its pickle {what}.");
}
