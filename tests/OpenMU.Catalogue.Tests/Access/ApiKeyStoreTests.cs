using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Time.Testing;
using OpenMU.Catalogue.Access;
using OpenMU.Catalogue.Fields;

namespace OpenMU.Catalogue.Tests.Access;

public sealed class ApiKeyStoreTests
{
    private static readonly CorrectionAuthor Ada = new("Ada", "cli");

    private readonly FakeTimeProvider time = new(new DateTimeOffset(2026, 5, 1, 12, 0, 0, TimeSpan.Zero));

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private DateTime Now => time.GetUtcNow().UtcDateTime;

    [Fact]
    public async Task A_key_is_found_by_its_text_and_by_no_other_and_its_secret_is_kept_nowhere()
    {
        await using var file = await CatalogueFile.CreateAsync();
        var store = new ApiKeyStore(file.Factory, time);

        var made = await MakeAsync(store);

        var found = await store.FindAsync(made.Text, Cancel);
        found!.Key.Should().BeEquivalentTo(made.Key, key => key.Excluding(k => k.LastUsedAt));
        (found.Key.Tenant, found.Key.Label, found.Key.Scopes, found.IsSuspended)
            .Should().Be(("default", "Radio", ApiScopes.Read | ApiScopes.Submit, false));
        var other = ApiKeyText.New();
        (await store.FindAsync(other.ToString(), Cancel)).Should().BeNull("nobody has made it");
        (await store.FindAsync(new ApiKeyText(made.Key.PublicId, other.Secret).ToString(), Cancel))
            .Should().BeNull("the secret is another one");
        (await store.FindAsync(made.Text[..^1], Cancel)).Should().BeNull();
        ApiKeyText.TryParse(made.Text, out var text).Should().BeTrue();
        var bytes = await BytesAsync(file);
        bytes.Should().Contain(text!.PublicId).And.NotContain(text.Secret);
    }

    [Fact]
    public async Task A_key_ends_when_it_expires_and_when_it_is_revoked()
    {
        await using var file = await CatalogueFile.CreateAsync();
        var store = new ApiKeyStore(file.Factory, time);
        var short_ = await MakeAsync(store, Now.AddHours(1));
        var long_ = await MakeAsync(store);

        time.Advance(TimeSpan.FromHours(1));
        (await store.FindAsync(short_.Text, Cancel)).Should().BeNull();
        (await store.FindAsync(long_.Text, Cancel)).Should().NotBeNull();

        (await store.RevokeAsync("other", long_.Key.PublicId, Ada, Cancel)).Should().BeNull("it is no key of that tenant");
        (await store.RevokeAsync("default", long_.Key.PublicId, Ada, Cancel))!.RevokedAt.Should().Be(Now);
        (await store.FindAsync(long_.Text, Cancel)).Should().BeNull();
        time.Advance(TimeSpan.FromHours(1));
        (await store.RevokeAsync("default", long_.Key.PublicId, Ada, Cancel))!.RevokedAt.Should().Be(Now.AddHours(-1));
        (await store.RotateAsync("default", long_.Key.PublicId, Now, null, Ada, Cancel)).Should().BeNull();
    }

    [Fact]
    public async Task A_rotated_key_goes_on_until_the_chosen_hour_beside_the_new_one()
    {
        await using var file = await CatalogueFile.CreateAsync();
        var store = new ApiKeyStore(file.Factory, time);
        var old = await MakeAsync(store);

        var made = await store.RotateAsync("default", old.Key.PublicId, Now.AddHours(24), null, Ada, Cancel);

        (made!.Key.Label, made.Key.Scopes).Should().Be((old.Key.Label, old.Key.Scopes));
        time.Advance(TimeSpan.FromHours(23));
        (await store.FindAsync(old.Text, Cancel)).Should().NotBeNull();
        (await store.FindAsync(made.Text, Cancel)).Should().NotBeNull();
        time.Advance(TimeSpan.FromHours(1));
        (await store.FindAsync(old.Text, Cancel)).Should().BeNull();
        (await store.FindAsync(made.Text, Cancel)).Should().NotBeNull();
        (await store.ListAsync("default", Cancel)).Select(key => key.PublicId)
            .Should().Equal(made.Key.PublicId, old.Key.PublicId);
    }

    [Fact]
    public async Task The_last_use_is_noted_once_a_minute()
    {
        await using var file = await CatalogueFile.CreateAsync();
        var store = new ApiKeyStore(file.Factory, time);
        var made = await MakeAsync(store);
        var first = Now;

        await store.FindAsync(made.Text, Cancel);
        time.Advance(TimeSpan.FromSeconds(59));
        await store.FindAsync(made.Text, Cancel);
        (await store.ListAsync("default", Cancel)).Single().LastUsedAt.Should().Be(first);
        time.Advance(TimeSpan.FromSeconds(1));
        await store.FindAsync(made.Text, Cancel);
        (await store.ListAsync("default", Cancel)).Single().LastUsedAt.Should().Be(first.AddMinutes(1));
    }

    [Fact]
    public async Task Keys_are_made_for_tenants_that_there_are_and_say_where_these_are_suspended()
    {
        await using var file = await CatalogueFile.CreateAsync();
        var (store, tenants) = (new ApiKeyStore(file.Factory, time), new TenantStore(file.Factory, time));
        (await store.CreateAsync("acme", "x", ApiScopes.Read, null, Ada, Cancel)).Should().BeNull();

        (await tenants.AddAsync("acme", ["https://acme.example"], Ada, Cancel)).Should().BeTrue();
        (await tenants.AddAsync("acme", [], Ada, Cancel)).Should().BeFalse();
        var made = await store.CreateAsync("acme", "x", ApiScopes.Read, null, Ada, Cancel);
        (await tenants.SuspendAsync("acme", true, Ada, Cancel)).Should().BeTrue();
        (await store.FindAsync(made!.Text, Cancel))!.IsSuspended.Should().BeTrue();
        await tenants.SuspendAsync("acme", false, Ada, Cancel);
        (await store.FindAsync(made.Text, Cancel))!.IsSuspended.Should().BeFalse();
        (await tenants.SuspendAsync("nobody", true, Ada, Cancel)).Should().BeFalse();
        (await tenants.ListAsync(Cancel)).Select(tenant => tenant.Name).Should().Equal("acme", "default");
        (await tenants.FindAsync("acme", Cancel))!.AllowedOrigins.Should().Equal("https://acme.example");
    }

    [Theory]
    [InlineData("acme", true)]
    [InlineData("Warner Archive", true)]
    [InlineData("Ünïon.2_x-y", true)]
    [InlineData("", false)]
    [InlineData("a/b", false)]
    [InlineData("..", false)]
    [InlineData("acme.", false)]
    [InlineData("acme ", false)]
    [InlineData("a\nb", false)]
    public void A_tenant_is_called_as_a_folder_may_be(string name, bool isName) =>
        Tenant.IsName(name).Should().Be(isName);

    [Fact]
    public async Task What_is_done_to_keys_is_in_the_audit_which_nobody_changes()
    {
        await using var file = await CatalogueFile.CreateAsync();
        var store = new ApiKeyStore(file.Factory, time);
        var made = await MakeAsync(store);
        await store.RotateAsync("default", made.Key.PublicId, Now, null, Ada, Cancel);
        await store.RevokeAsync("default", made.Key.PublicId, Ada, Cancel);

        await using var db = file.Open();
        var entries = await db.AuditEntries.OrderBy(entry => entry.Id).ToListAsync(Cancel);
        entries.Select(entry => (entry.Tenant, entry.By, entry.Via, entry.Action, entry.Subject)).Should().Equal(
            ("default", "Ada", "cli", "key.created", made.Key.PublicId),
            ("default", "Ada", "cli", "key.rotated", made.Key.PublicId),
            ("default", "Ada", "cli", "key.revoked", made.Key.PublicId));
        entries[0].Detail.Should().Be("""{"label":"Radio","scopes":"Read, Submit"}""");
        await db.Invoking(d => d.AuditEntries.ExecuteDeleteAsync(Cancel)).Should().ThrowAsync<Exception>()
            .WithMessage("*The audit is not changed.*");
        await db.Invoking(d => d.AuditEntries.ExecuteUpdateAsync(set => set.SetProperty(e => e.By, "Eve"), Cancel))
            .Should().ThrowAsync<Exception>().WithMessage("*The audit is not changed.*");
        (await db.AuditEntries.CountAsync(Cancel)).Should().Be(3);
    }

    private static async Task<NewApiKey> MakeAsync(ApiKeyStore store, DateTime? expiresAt = null) =>
        (await store.CreateAsync("default", "Radio", ApiScopes.Read | ApiScopes.Submit, expiresAt, Ada, Cancel))!;

    private static async Task<string> BytesAsync(CatalogueFile file)
    {
        var all = new StringBuilder();
        foreach (var path in Directory.GetFiles(Path.GetDirectoryName(file.Path)!))
        {
            await using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            var bytes = new byte[stream.Length];
            await stream.ReadExactlyAsync(bytes, Cancel);
            all.Append(Encoding.Latin1.GetString(bytes));
        }

        return all.ToString();
    }
}
