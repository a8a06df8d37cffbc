// In a file of its own, so that the page needs no inline script; validatorUrl null, so that nothing is asked of anybody else.
window.ui = SwaggerUIBundle({
  url: '/openapi.json',
  dom_id: '#swagger-ui',
  validatorUrl: null,
  deepLinking: true,
  docExpansion: 'none',
  filter: true,
  persistAuthorization: true,
  defaultModelsExpandDepth: 0,
});
