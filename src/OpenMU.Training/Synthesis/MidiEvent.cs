namespace OpenMU.Training.Synthesis;

/// <summary>One event of a MIDI track.</summary>
/// <param name="Tick">Ticks from the start of the file.</param>
/// <param name="Status">Status byte; 0xFF for a meta event, whose type is the first byte of the data, 0xF0 and 0xF7 for system exclusive.</param>
/// <param name="Data">The bytes after the status and, for meta events, without the length.</param>
internal readonly record struct MidiEvent(long Tick, byte Status, byte[] Data)
{
    public const byte NoteOffKind = 0x80, NoteOnKind = 0x90, ControlKind = 0xB0, ProgramKind = 0xC0, Meta = 0xFF, TempoType = 0x51, EndType = 0x2F;

    /// <summary>Upper half of the status of a channel event.</summary>
    public int Kind => Status & 0xF0;

    /// <summary>0 to 15; 9 is the drums. Minus one for events of no channel.</summary>
    public int Channel => Status < 0xF0 ? Status & 0x0F : -1;

    public bool StartsNote => Kind == NoteOnKind && Status < 0xF0 && Data[1] > 0;

    public bool EndsNote => Status < 0xF0 && (Kind == NoteOffKind || (Kind == NoteOnKind && Data[1] == 0));

    public bool IsMeta(byte type) => Status == Meta && Data[0] == type;

    public static MidiEvent NoteOn(long tick, int channel, int pitch, int velocity) => new(tick, (byte)(NoteOnKind | channel), [(byte)pitch, (byte)velocity]);

    public static MidiEvent NoteOff(long tick, int channel, int pitch) => new(tick, (byte)(NoteOffKind | channel), [(byte)pitch, 0]);

    public static MidiEvent Program(long tick, int channel, int program) => new(tick, (byte)(ProgramKind | channel), [(byte)program]);

    public static MidiEvent Control(long tick, int channel, int control, int value) => new(tick, (byte)(ControlKind | channel), [(byte)control, (byte)value]);
}
