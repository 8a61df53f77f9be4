<!doctype html>
<html lang="en"><head>@vite('resources/js/app.js')</head><body><h1>…</h1></body></html>
