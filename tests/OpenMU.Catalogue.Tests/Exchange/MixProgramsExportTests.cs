using System.Globalization;
using System.Xml;
using System.Xml.Linq;
using System.Xml.Schema;
using OpenMU.Catalogue.Exchange;
using OpenMU.Catalogue.Fields;
using OpenMU.Catalogue.Jobs;
using OpenMU.Catalogue.Search;
using OpenMU.Music;

namespace OpenMU.Catalogue.Tests.Exchange;

/// <summary>Collections for rekordbox and Traktor.</summary>
public sealed class MixProgramsExportTests
{
    // What rekordbox's description of its XML says of the elements used.
    private const string RekordboxSchema = """
        <xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">
          <xs:element name="DJ_PLAYLISTS"><xs:complexType><xs:sequence>
            <xs:element name="PRODUCT"><xs:complexType>
              <xs:attribute name="Name" use="required"/><xs:attribute name="Version" use="required"/><xs:attribute name="Company"/>
            </xs:complexType></xs:element>
            <xs:element name="COLLECTION"><xs:complexType>
              <xs:sequence><xs:element name="TRACK" minOccurs="0" maxOccurs="unbounded"><xs:complexType><xs:sequence>
                <xs:element name="TEMPO" minOccurs="0" maxOccurs="unbounded"><xs:complexType>
                  <xs:attribute name="Inizio" type="xs:decimal" use="required"/><xs:attribute name="Bpm" type="xs:decimal" use="required"/>
                  <xs:attribute name="Metro" use="required"><xs:simpleType><xs:restriction base="xs:string"><xs:pattern value="[0-9]+/[0-9]+"/></xs:restriction></xs:simpleType></xs:attribute>
                  <xs:attribute name="Battito" type="xs:positiveInteger" use="required"/>
                </xs:complexType></xs:element>
                <xs:element name="POSITION_MARK" minOccurs="0" maxOccurs="8"><xs:complexType>
                  <xs:attribute name="Name" use="required"/><xs:attribute name="Type" type="xs:nonNegativeInteger" use="required"/>
                  <xs:attribute name="Start" type="xs:decimal" use="required"/><xs:attribute name="Num" type="xs:integer" use="required"/>
                </xs:complexType></xs:element>
              </xs:sequence>
                <xs:attribute name="TrackID" type="xs:positiveInteger" use="required"/><xs:attribute name="Name" use="required"/>
                <xs:attribute name="Location" type="xs:anyURI" use="required"/>
                <xs:attribute name="TotalTime" type="xs:nonNegativeInteger"/><xs:attribute name="Size" type="xs:nonNegativeInteger"/>
                <xs:attribute name="AverageBpm" type="xs:decimal"/><xs:attribute name="DateAdded" type="xs:date"/>
                <xs:attribute name="SampleRate" type="xs:positiveInteger"/>
                <xs:attribute name="Tonality"><xs:simpleType><xs:restriction base="xs:string"><xs:pattern value="[A-G][b#]?m?"/></xs:restriction></xs:simpleType></xs:attribute>
                <xs:attribute name="Artist"/><xs:attribute name="Composer"/><xs:attribute name="Album"/><xs:attribute name="Genre"/>
                <xs:attribute name="Kind"/><xs:attribute name="DiscNumber"/><xs:attribute name="TrackNumber"/><xs:attribute name="Year"/>
                <xs:attribute name="Comments"/><xs:attribute name="Label"/>
              </xs:complexType></xs:element></xs:sequence>
              <xs:attribute name="Entries" type="xs:nonNegativeInteger" use="required"/>
            </xs:complexType></xs:element>
            <xs:element name="PLAYLISTS"><xs:complexType><xs:sequence><xs:element name="NODE" type="node"/></xs:sequence></xs:complexType></xs:element>
          </xs:sequence><xs:attribute name="Version" use="required"/></xs:complexType></xs:element>
          <xs:complexType name="node"><xs:choice minOccurs="0" maxOccurs="unbounded">
            <xs:element name="NODE" type="node"/>
            <xs:element name="TRACK"><xs:complexType><xs:attribute name="Key" type="xs:positiveInteger" use="required"/></xs:complexType></xs:element>
          </xs:choice>
            <xs:attribute name="Name" use="required"/><xs:attribute name="Type" type="xs:integer" use="required"/>
            <xs:attribute name="Count" type="xs:integer"/><xs:attribute name="KeyType" type="xs:integer"/><xs:attribute name="Entries" type="xs:integer"/>
          </xs:complexType>
        </xs:schema>
        """;

    [Fact]
    public async Task A_rekordbox_collection_has_grids_keys_cues_and_a_playlist()
    {
        await using var file = await ExportShelf.WithTwoAsync();
        var document = Valid(ExportShelf.Text(await file.ExportAsync("rekordbox")), RekordboxSchema);

        var collection = document.Root!.Element("COLLECTION")!;
        ((int)collection.Attribute("Entries")!).Should().Be(2);
        var track = collection.Elements().First();
        string[] names = ["TrackID", "Name", "Artist", "AverageBpm", "Tonality", "TotalTime", "Location"];
        names.Select(name => (string?)track.Attribute(name)).Should()
            .Equal("1", "Dawn", "Ann, Bo", "120.00", "C", "62", "file://localhost/a/dawn.flac");
        track.Elements("TEMPO").Select(tempo => tempo.ToString()).Should()
            .Equal("""<TEMPO Inizio="0.250" Bpm="120.00" Metro="4/4" Battito="1" />""");
        track.Elements("POSITION_MARK")
            .Select(mark => $"{mark.Attribute("Start")!.Value} {mark.Attribute("Name")!.Value}").Should().Equal("0.250 Start", "32.250 C major");
        document.Descendants("NODE").Last().Elements().Select(entry => (int)entry.Attribute("Key")!)
            .Should().Equal(1, 2);
    }

    [Fact]
    public async Task A_Traktor_collection_has_the_grid_in_milliseconds_and_the_key_by_number()
    {
        await using var file = await ExportShelf.WithTwoAsync();
        var document = XDocument.Parse(ExportShelf.Text(await file.ExportAsync("traktor")));

        var entry = document.Root!.Element("COLLECTION")!.Elements().First();
        entry.Element("LOCATION")!.ToString().Should()
            .Be("""<LOCATION DIR="/:a/:" FILE="dawn.flac" VOLUME="" VOLUMEID="" />""");
        entry.Element("MUSICAL_KEY")!.Attribute("VALUE")!.Value.Should().Be("0");
        entry.Elements("CUE_V2").Select(cue => $"{cue.Attribute("TYPE")!.Value} {cue.Attribute("START")!.Value}")
            .Should().Equal("4 250.000000", "0 250.000000", "0 32250.000000");
        entry.Descendants("GRID").Single().Attribute("BPM")!.Value.Should().Be("120.000000");
    }

    [Fact]
    public async Task A_Traktor_grid_begins_at_the_first_downbeat_and_a_rekordbox_grid_counts_the_upbeat()
    {
        var track = ExportShelf.Of(1, "x.flac", FieldSet.Empty, analysis => analysis.Beats =
            [.. Enumerable.Range(0, 122).Select(i => new Beat(0.25 + (i * 0.5), ((i + 2) % 4) + 1))]);
        var traktor = XDocument.Parse(ExportShelf.Text(await ExportShelf.ExportAsync("traktor", [track])));
        var rekordbox = XDocument.Parse(ExportShelf.Text(await ExportShelf.ExportAsync("rekordbox", [track])));

        traktor.Descendants("CUE_V2").First(cue => cue.Attribute("NAME")!.Value == "AutoGrid").Attribute("START")!.Value
            .Should().Be("1250.000000");
        rekordbox.Descendants("TEMPO").First().ToString().Should()
            .Be("""<TEMPO Inizio="0.250" Bpm="120.00" Metro="4/4" Battito="3" />""");
    }

    [Theory]
    [InlineData("m3u8", "b.wav", false)]
    [InlineData("rekordbox", "b.wav", false)]
    [InlineData("traktor", "b.wav", false)]
    [InlineData("csv", "b.wav", true)]
    public async Task What_no_player_can_play_stands_in_no_list_for_players(string format, string file, bool stands)
    {
        foreach (var isMissing in (bool[])[false, true])
        {
            var (full, gone) = (ExportShelf.Full("a.flac"), Shelf.Other(
                ExportShelf.Tenant, file, isMissing ? JobState.Queued : JobState.Rejected));
            gone.MissingSince = isMissing ? Shelf.Noon : null;
            (full.Job.ContentId, gone.Job.ContentId) = ("sha256:1", isMissing ? "sha256:2" : "unread:2");
            await using var catalogue = await Shelf.WithAsync(full, gone);

            var text = ExportShelf.Text(await catalogue.ExportAsync(format, TrackSelection.Of([full.Id, gone.Id])));

            text.Should().Contain("a.flac").And.NotContain("unread:");
            text.Contains(file).Should().Be(stands);
        }
    }

    [Fact]
    public async Task Another_tempo_than_was_measured_makes_a_grid_of_its_own()
    {
        var track = ExportShelf.Of(1, "x.flac", FieldSet.Empty);
        var halved = new ExportedTrack(track.Track, TrackFields.Of(
            new Correction
            {
                Tenant = "home",
                ContentId = "sha256:1",
                By = "Cleo",
                Fields = FieldSet.Empty.With("bpm", ["60"]),
            },
            null, track.Analysis, []))
        {
            State = track.State,
            Analysis = track.Analysis,
        };
        var document = XDocument.Parse(ExportShelf.Text(await ExportShelf.ExportAsync("rekordbox", [halved])));
        document.Descendants("TEMPO").Select(tempo => tempo.Attribute("Bpm")!.Value).Should().Equal("60.00");
    }

    [Theory]
    [InlineData("rekordbox", "TRACK", "Name")]
    [InlineData("traktor", "ENTRY", "TITLE")]
    public async Task Hostile_texts_come_back(string format, string element, string attribute)
    {
        var text = ExportShelf.Text(await ExportShelf.ExportAsync(format, ExportShelf.HostileTracks()));
        var document = format == "rekordbox" ? Valid(text, RekordboxSchema) : XDocument.Parse(text);
        document.Root!.Element("COLLECTION")!.Elements(element).Select(track => track.Attribute(attribute)!.Value)
            .Should().Equal(ExportShelf.Hostile.Select(value => string.Concat(value.EnumerateRunes())));
    }

    private static XDocument Valid(string text, string schema)
    {
        var schemas = new XmlSchemaSet();
        schemas.Add(null, XmlReader.Create(new StringReader(schema)));
        var document = XDocument.Parse(text);
        document.Validate(schemas, (_, problem) =>
            throw new FormatException(problem.Message.ToString(CultureInfo.InvariantCulture)));
        return document;
    }
}
