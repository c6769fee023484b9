"""Commands about pages of forms: describe a form, read its pages."""
