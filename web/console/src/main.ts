import { createPinia } from 'pinia'
import { createApp } from 'vue'
import 'element-plus/theme-chalk/dark/css-vars.css'
import 'element-plus/es/components/message/style/css'
import 'element-plus/es/components/message-box/style/css'
import './style/base.css'
import './style/console.css'
import App from './App.vue'
import { router } from './router'
import { tell } from './lib/tell'

const app = createApp(App)
app.use(createPinia())
app.use(router)
app.config.errorHandler = (error) => tell(error)
addEventListener('unhandledrejection', (event) => { event.preventDefault(); tell(event.reason) })
app.mount('#app')
