using System.Xml.Linq;

namespace OpenMU.Repository.Tests;

/// <summary>
/// The architecture as references: the musical words are below all, libraries know only them, training knows libraries
/// and nothing that ships knows training, programs know libraries, and the command line composes all.
/// </summary>
public class ProjectRulesTests
{
    private static readonly string[] Libraries = ["OpenMU.Mir", "OpenMU.Model", "OpenMU.Catalogue"];
    private static readonly string[] Programs = ["OpenMU.Functions", "OpenMU.Worker", "OpenMU.Web"];
    private static readonly string[] KnownToPrograms = ["OpenMU.Music", "OpenMU.ServiceDefaults", .. Libraries];
    private static readonly IReadOnlyDictionary<string, XDocument> Source = Checkout.Projects("src");
    private static readonly IReadOnlyDictionary<string, XDocument> Tests = Checkout.Projects("tests");

    [Fact]
    public void Source_is_the_rooms_of_the_architecture_and_no_other() =>
        Source.Keys.Should().BeEquivalentTo([.. KnownToPrograms, "OpenMU.Training", .. Programs, "OpenMU.Cli"]);

    [Theory]
    [InlineData("OpenMU.Music")]
    [InlineData("OpenMU.ServiceDefaults")]
    public void What_is_below_all_references_no_project(string library) =>
        References(Source[library]).Should().BeEmpty();

    [Fact]
    public void The_musical_words_need_no_package() =>
        Source["OpenMU.Music"].Descendants("PackageReference").Should().BeEmpty();

    [Theory]
    [InlineData("OpenMU.Mir")]
    [InlineData("OpenMU.Model")]
    [InlineData("OpenMU.Catalogue")]
    public void A_library_knows_the_musical_words_and_no_other_library(string library) =>
        References(Source[library]).Should().BeEquivalentTo("OpenMU.Music");

    [Fact]
    public void Training_knows_the_musical_words_the_tools_and_the_model() =>
        References(Source["OpenMU.Training"]).Should().BeEquivalentTo("OpenMU.Music", "OpenMU.Mir", "OpenMU.Model");

    [Theory]
    [InlineData("OpenMU.Functions")]
    [InlineData("OpenMU.Worker")]
    [InlineData("OpenMU.Web")]
    public void A_program_references_libraries_only(string program) =>
        References(Source[program]).Should().BeSubsetOf(KnownToPrograms);

    [Fact]
    public void Only_the_command_line_knows_training_and_the_programs() =>
        Source.Where(project => References(project.Value).Intersect([.. Programs, "OpenMU.Training"]).Any())
            .Select(project => project.Key).Should().BeEquivalentTo("OpenMU.Cli");

    [Fact]
    public void No_project_compiles_the_sources_of_another() =>
        Source.Should().NotContain(p =>
            p.Value.Descendants("Compile").Any(c => ((string?)c.Attribute("Include") ?? "").Contains("..")));

    [Fact]
    public void Every_package_version_stands_in_one_file()
    {
        string[] elsewhere = ["Version", "VersionOverride"];

        var versions = from project in Source.Concat(Tests)
                       from package in project.Value.Descendants("PackageReference")
                       where package.Attributes().Any(a => elsewhere.Contains(a.Name.LocalName))
                           || package.Elements().Any(e => elsewhere.Contains(e.Name.LocalName))
                       select $"{project.Key}: {package}";

        versions.Should().BeEmpty();
    }

    [Fact]
    public void The_solution_holds_every_project()
    {
        var solution = Checkout.Read("OpenMU.Functions.sln").Split('\n')
            .Where(line => line.StartsWith("Project(", StringComparison.Ordinal) && line.Contains(".csproj"))
            .Select(line => Path.GetFileNameWithoutExtension(line.Split('"')[5].Replace('\\', '/')));

        solution.Should().BeEquivalentTo(Source.Keys.Concat(Tests.Keys));
    }

    private static IEnumerable<string> References(XDocument project) =>
        project.Descendants("ProjectReference")
            .Select(r => Path.GetFileNameWithoutExtension((string)r.Attribute("Include")!));
}
