using System.Buffers.Binary;

namespace OpenMU.Training.Synthesis;

/// <summary>
/// A Standard MIDI File: tracks of events at absolute ticks. Reads formats 0 and 1 in ticks per quarter
/// note, writes format 1.
/// </summary>
/// <param name="TicksPerQuarter">Resolution.</param>
/// <param name="Tracks">Events in the order of time.</param>
internal sealed record MidiFile(int TicksPerQuarter, IReadOnlyList<IReadOnlyList<MidiEvent>> Tracks)
{
    /// <exception cref="InvalidDataException">The file is no MIDI file, or ends early.</exception>
    public static MidiFile Read(string path)
    {
        try
        {
            return Parse(File.ReadAllBytes(path));
        }
        catch (Exception e) when (e is ArgumentOutOfRangeException or IndexOutOfRangeException)
        {
            throw new InvalidDataException($"{path} is cut off.", e);
        }
    }

    /// <summary>Writes the file; each track gets its end mark at its last event.</summary>
    public void Write(string path)
    {
        using var stream = File.Create(path);
        Span<byte> header = stackalloc byte[14];
        "MThd"u8.CopyTo(header);
        header[7] = 6;
        header[9] = 1;
        BinaryPrimitives.WriteUInt16BigEndian(header[10..], (ushort)Tracks.Count);
        BinaryPrimitives.WriteUInt16BigEndian(header[12..], (ushort)TicksPerQuarter);
        stream.Write(header);
        Span<byte> length = stackalloc byte[4];
        foreach (var track in Tracks)
        {
            var body = Body(track);
            BinaryPrimitives.WriteInt32BigEndian(length, body.Length);
            stream.Write("MTrk"u8);
            stream.Write(length);
            stream.Write(body);
        }
    }

    private static MidiFile Parse(ReadOnlySpan<byte> file)
    {
        if (file.Length < 14 || !file[..4].SequenceEqual("MThd"u8))
            throw new InvalidDataException("This is no MIDI file.");
        var division = BinaryPrimitives.ReadInt16BigEndian(file[12..]);
        if (division <= 0)
            throw new InvalidDataException("The MIDI file counts in frames of a film, not in quarter notes.");
        List<IReadOnlyList<MidiEvent>> tracks = [];
        for (var at = 8 + BinaryPrimitives.ReadInt32BigEndian(file[4..]); at + 8 <= file.Length;)
        {
            var length = BinaryPrimitives.ReadInt32BigEndian(file[(at + 4)..]);
            if (file.Slice(at, 4).SequenceEqual("MTrk"u8)) tracks.Add(ParseTrack(file.Slice(at + 8, length)));
            at += 8 + length;
        }

        return new MidiFile(division, tracks);
    }

    private static List<MidiEvent> ParseTrack(ReadOnlySpan<byte> body)
    {
        List<MidiEvent> events = [];
        var at = 0;
        long tick = 0;
        byte running = 0;
        while (at < body.Length)
        {
            tick += Length(body, ref at);
            var status = body[at] >= 0x80 ? body[at++] : running;
            if (status < 0x80) throw new InvalidDataException("A MIDI track starts with data of no event.");
            int head = status == MidiEvent.Meta ? 1 : 0, from = at;
            at += head;
            var count = status >= 0xF0 ? Length(body, ref at) : (status & 0xF0) is 0xC0 or 0xD0 ? 1 : 2;
            byte[] data = [.. body.Slice(from, head), .. body.Slice(at, count)];
            at += count;
            if (status < 0xF0) running = status;
            events.Add(new MidiEvent(tick, status, data));
        }

        return events;
    }

    private static byte[] Body(IReadOnlyList<MidiEvent> track)
    {
        List<byte> bytes = [];
        long tick = 0;
        foreach (var item in track.Where(item => !item.IsMeta(MidiEvent.EndType)))
        {
            AddLength(bytes, item.Tick - tick);
            tick = item.Tick;
            bytes.Add(item.Status);
            if (item.Status == MidiEvent.Meta)
            {
                bytes.Add(item.Data[0]);
                AddLength(bytes, item.Data.Length - 1);
                bytes.AddRange(item.Data[1..]);
                continue;
            }

            if (item.Status >= 0xF0) AddLength(bytes, item.Data.Length);
            bytes.AddRange(item.Data);
        }

        bytes.AddRange([0, MidiEvent.Meta, MidiEvent.EndType, 0]);
        return [.. bytes];
    }

    // Seven bits a byte, the highest first; all but the last byte have the top bit set.
    private static int Length(ReadOnlySpan<byte> body, ref int at)
    {
        var value = 0;
        do value = (value << 7) | (body[at] & 0x7F);
        while (body[at++] >= 0x80);
        return value;
    }

    private static void AddLength(List<byte> bytes, long value)
    {
        for (var shift = 21; shift > 0; shift -= 7)
        {
            if (value >> shift > 0) bytes.Add((byte)(((value >> shift) & 0x7F) | 0x80));
        }

        bytes.Add((byte)(value & 0x7F));
    }
}

/// <summary>One event of a MIDI track.</summary>
/// <param name="Tick">Ticks from the start of the file.</param>
/// <param name="Status">Status byte; 0xFF for a meta event, whose type is the first byte of the data, 0xF0 and 0xF7 for
/// system exclusive.</param>
/// <param name="Data">The bytes after the status and, for meta events, without the length.</param>
internal readonly record struct MidiEvent(long Tick, byte Status, byte[] Data)
{
    public const byte NoteOffKind = 0x80, NoteOnKind = 0x90, ControlKind = 0xB0, ProgramKind = 0xC0, Meta = 0xFF,
        TempoType = 0x51, EndType = 0x2F;

    /// <summary>Upper half of the status of a channel event.</summary>
    public int Kind => Status & 0xF0;

    /// <summary>0 to 15; 9 is the drums. Minus one for events of no channel.</summary>
    public int Channel => Status < 0xF0 ? Status & 0x0F : -1;

    public bool StartsNote => Kind == NoteOnKind && Status < 0xF0 && Data[1] > 0;

    public bool EndsNote => Status < 0xF0 && (Kind == NoteOffKind || (Kind == NoteOnKind && Data[1] == 0));

    public bool IsMeta(byte type) => Status == Meta && Data[0] == type;

    public static MidiEvent NoteOn(long tick, int channel, int pitch, int velocity) =>
        new(tick, (byte)(NoteOnKind | channel), [(byte)pitch, (byte)velocity]);

    public static MidiEvent NoteOff(long tick, int channel, int pitch) =>
        new(tick, (byte)(NoteOffKind | channel), [(byte)pitch, 0]);

    public static MidiEvent Program(long tick, int channel, int program) =>
        new(tick, (byte)(ProgramKind | channel), [(byte)program]);

    public static MidiEvent Control(long tick, int channel, int control, int value) =>
        new(tick, (byte)(ControlKind | channel), [(byte)control, (byte)value]);
}
