var app = WebApplication.CreateBuilder(args).Build();
app.MapGet("/", () => new Tickets.Core.Ticket(1).Label);
app.Run();
