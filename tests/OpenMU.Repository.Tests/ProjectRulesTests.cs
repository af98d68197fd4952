using System.Xml.Linq;

namespace OpenMU.Repository.Tests;

/// <summary>The architecture is one rule: libraries know nobody, programs know libraries, and the command line composes all.</summary>
public class ProjectRulesTests
{
    private static readonly string[] Libraries = ["OpenMU.Mir", "OpenMU.Model", "OpenMU.Catalogue"];
    private static readonly string[] Programs = ["OpenMU.Functions", "OpenMU.Worker", "OpenMU.Web"];
    private static readonly IReadOnlyDictionary<string, XDocument> Source = Checkout.Projects("src");
    private static readonly IReadOnlyDictionary<string, XDocument> Tests = Checkout.Projects("tests");

    [Fact]
    public void Source_is_three_libraries_three_programs_and_the_command_line() =>
        Source.Keys.Should().BeEquivalentTo([.. Libraries, .. Programs, "OpenMU.Cli"]);

    [Theory]
    [InlineData("OpenMU.Mir")]
    [InlineData("OpenMU.Model")]
    [InlineData("OpenMU.Catalogue")]
    public void A_library_references_no_project(string library) => References(Source[library]).Should().BeEmpty();

    [Theory]
    [InlineData("OpenMU.Functions")]
    [InlineData("OpenMU.Worker")]
    [InlineData("OpenMU.Web")]
    public void A_program_references_libraries_only(string program) => References(Source[program]).Should().BeSubsetOf(Libraries);

    [Fact]
    public void No_project_compiles_the_sources_of_another() =>
        Source.Should().NotContain(p => p.Value.Descendants("Compile").Any(c => ((string?)c.Attribute("Include") ?? "").Contains("..")));

    [Fact]
    public void Every_package_version_stands_in_one_file()
    {
        string[] elsewhere = ["Version", "VersionOverride"];

        var versions = from project in Source.Concat(Tests)
                       from package in project.Value.Descendants("PackageReference")
                       where package.Attributes().Any(a => elsewhere.Contains(a.Name.LocalName)) || package.Elements().Any(e => elsewhere.Contains(e.Name.LocalName))
                       select $"{project.Key}: {package}";

        versions.Should().BeEmpty();
    }

    [Fact]
    public void The_solution_holds_every_project()
    {
        var solution = Checkout.Read("OpenMU.Functions.sln").Split('\n').Where(line => line.StartsWith("Project(", StringComparison.Ordinal) && line.Contains(".csproj"))
            .Select(line => Path.GetFileNameWithoutExtension(line.Split('"')[5].Replace('\\', '/')));

        solution.Should().BeEquivalentTo(Source.Keys.Concat(Tests.Keys));
    }

    private static IEnumerable<string> References(XDocument project) =>
        project.Descendants("ProjectReference").Select(r => Path.GetFileNameWithoutExtension((string)r.Attribute("Include")!));
}
