using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using OpenMU.Catalogue.Settings;
using OpenMU.Catalogue.Storage;

namespace OpenMU.Catalogue.Tests.Settings;

public sealed class StrictOptionsTests
{
    [Fact]
    public void What_is_set_is_bound_whatever_its_case_and_the_rest_keeps_its_defaults() =>
        Read(("CUPS", "3"), ("pause", "00:00:05"), ("kind", "oolong"), ("most", "")).Should().BeEquivalentTo(
            new Tea { Cups = 3, Pause = TimeSpan.FromSeconds(5), Kind = TeaKind.Oolong, Most = null });

    [Theory]
    [InlineData("cupz", "4", "Tea__cupz: there is no such setting; Tea__ goes with cups, kind, most, pause.")]
    [InlineData("cups", "four", "Tea__cups=four must be a whole number.")]
    [InlineData("cups", "0", "Tea__cups=0 must lie between 1 and 8.")]
    [InlineData("most", "9", "Tea__most=9 must lie between 1 and 8.")]
    [InlineData("pause", "soon", "Tea__pause=soon must be a duration such as 00:01:00.")]
    [InlineData("kind", "coffee", "Tea__kind=coffee must be one of Green, Oolong.")]
    [InlineData("cups:small", "1", "Tea__cups= must be a whole number.")]
    public void A_wrong_setting_is_one_line_that_names_it_and_says_what_is_allowed(
        string key, string value, string line) =>
        FluentActions.Invoking(() => Read((key, value)))
            .Should().Throw<OptionsValidationException>().Which.Failures.Should().Equal(line);

    [Fact]
    public void Every_wrong_setting_has_its_line() =>
        FluentActions.Invoking(() => Read(("cups", "x"), ("pot", "1"))).Should().Throw<OptionsValidationException>()
            .Which.Failures.Should().HaveCount(2);

    [Fact]
    public void Services_get_the_options_as_they_are_and_are_validated_at_the_start()
    {
        using var right = Services("4");
        using var wrong = Services("40");

        right.GetRequiredService<Tea>().Cups.Should().Be(4);
        right.GetRequiredService<IStartupValidator>().Invoking(start => start.Validate()).Should().NotThrow();
        wrong.GetRequiredService<IStartupValidator>().Invoking(start => start.Validate())
            .Should().Throw<OptionsValidationException>();
    }

    [Theory]
    [InlineData(null, null, null, "Storage__blobServiceUri must be set")]
    [InlineData(null, "https://music.blob.core.windows.net", null, "Storage__queueServiceUri must be set")]
    [InlineData(
        "nothing of the kind", null, null, "Storage__connectionString is no connection string of a storage account.")]
    public void Storage_needs_a_connection_string_or_both_addresses(
        string? connection, string? blobs, string? queues, string line)
    {
        var read = () => StrictOptions.Read<StorageSettings>(
            Configuration(
                "Storage", ("connectionString", connection), ("blobServiceUri", blobs), ("queueServiceUri", queues)),
            "Storage");

        read.Should().Throw<OptionsValidationException>().Which.Failures.First().Should().StartWith(line);
    }

    [Theory]
    [InlineData("Sqlite", "", "Catalogue__connectionString must be set, such as Data Source=catalogue.db.")]
    [InlineData("SqlServer", "Colour=Red", "Catalogue__connectionString is no connection string for SqlServer.")]
    [InlineData(
        "Sqlite", "Colour=Red;Password=secret", "Catalogue__connectionString is no connection string for Sqlite.")]
    public void A_connection_string_is_looked_at_and_never_repeated(string provider, string connection, string line)
    {
        var read = () => StrictOptions.Read<CatalogueSettings>(
            Configuration("Catalogue", ("provider", provider), ("connectionString", connection)), "Catalogue");

        read.Should().Throw<OptionsValidationException>().Which.Failures.Should().Equal(line);
    }

    private static Tea Read(params (string Key, string? Value)[] settings) =>
        StrictOptions.Read<Tea>(Configuration("Tea", settings), "Tea");

    private static IConfiguration Configuration(string section, params (string Key, string? Value)[] settings) =>
        new ConfigurationBuilder().AddInMemoryCollection(
            settings.Where(setting => setting.Value is not null)
                .Select(setting => KeyValuePair.Create($"{section}:{setting.Key}", setting.Value))).Build();

    private static ServiceProvider Services(string cups) =>
        new ServiceCollection().AddStrictOptions<Tea>(Configuration("Tea", ("cups", cups)), "Tea")
            .BuildServiceProvider();

    private sealed class Tea
    {
        [Range(1, 8, ErrorMessage = StrictOptions.Between)]
        public int Cups { get; set; } = 2;

        [Range(1, 8, ErrorMessage = StrictOptions.Between)]
        public int? Most { get; set; } = 8;

        public TimeSpan Pause { get; set; }

        public TeaKind Kind { get; set; }
    }

    private enum TeaKind
    {
        Green,
        Oolong,
    }
}
